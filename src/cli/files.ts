import { listAll, requireStore, type StoreFile, type StoredFile } from './api.ts'
import type { Client } from './client.ts'
import { connected, examples, type AddCommand } from './command-context.ts'
import type { CliDeps } from './deps.ts'
import { excerpt, jsonLine, line, moment, size, table } from './terminal.ts'

export const addFiles: AddCommand = (program, deps) => {
  const files = program
    .command('files')
    .description('list, show and delete files')
    .addHelpText('after', examples('ragstone files --store papers', 'ragstone files show file-…'))

  files
    .command('list', { isDefault: true })
    .description('list the files, or those of a store with their state')
    .option('--store <name-or-id>', 'only those in this store')
    .option('--json', 'one JSON object a line')
    .action(async (options: { store?: string; json?: true }, command) => {
      await connected(deps, command, (client) => list(client, deps.stdout, options))
    })

  files
    .command('show <file-id>')
    .description('show what is known of a file')
    .action(async (id: string, _options: object, command) => {
      const path = `/v1/files/${encodeURIComponent(id)}`
      const file = await connected(deps, command, (client) => client.send<object>('GET', path))
      line(deps.stdout, JSON.stringify(file, null, 2))
    })

  files
    .command('delete <file-id...>')
    .description('delete files everywhere: original, text and index')
    .action(async (ids: readonly string[], _options: object, command) => {
      await connected(deps, command, async (client) => {
        for (const id of ids) {
          await client.send('DELETE', `/v1/files/${encodeURIComponent(id)}`)
          line(deps.stdout, `deleted ${id}`)
        }
      })
    })
}

async function list(
  client: Client,
  stdout: CliDeps['stdout'],
  { store, json }: { readonly store?: string; readonly json?: true },
): Promise<void> {
  if (store === undefined) {
    const files = await Array.fromAsync(listAll<StoredFile>(client, '/v1/files'))
    if (json) for (const file of files) jsonLine(stdout, file)
    else table(stdout, ['ID', 'SIZE', 'CREATED', 'NAME'], files.map(fileRow))
    return
  }
  const { id } = await requireStore(client, store)
  const files = await Array.fromAsync(listAll<StoreFile>(client, `/v1/vector_stores/${id}/files`))
  if (json) for (const file of files) jsonLine(stdout, file)
  else table(stdout, ['ID', 'STATE', 'CHUNKS', 'SIZE', 'NAME', 'REASON'], files.map(storeFileRow))
}

function fileRow({ id, bytes, created_at, filename }: StoredFile): readonly (number | string)[] {
  return [id, size(bytes), moment(created_at), filename]
}

function storeFileRow(file: StoreFile): readonly (number | string)[] {
  const { filename, chunks, stage } = file.ragstone
  const state = file.status === 'in_progress' ? stage : file.status
  const reason = excerpt(file.last_error?.message ?? '', 120)
  return [file.id, state, chunks, size(file.usage_bytes), filename, reason]
}
