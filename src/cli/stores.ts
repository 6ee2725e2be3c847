import { createStore, listAll, requireStore, type Store } from './api.ts'
import { connected, examples, type AddCommand } from './command-context.ts'
import { jsonLine, line, moment, size, table } from './terminal.ts'

export const addStores: AddCommand = (program, deps) => {
  const stores = program
    .command('stores')
    .description('list, create and delete vector stores')
    .addHelpText('after', examples('ragstone stores list', 'ragstone stores delete papers'))

  stores
    .command('list', { isDefault: true })
    .description('list the stores')
    .option('--json', 'one JSON object a line')
    .action(async ({ json }: { json?: true }, command) => {
      const all = await connected(deps, command, (client) =>
        Array.fromAsync(listAll<Store>(client, '/v1/vector_stores')),
      )
      if (json) for (const store of all) jsonLine(deps.stdout, store)
      else table(deps.stdout, ['ID', 'NAME', 'FILES', 'FAILED', 'SIZE', 'CREATED'], all.map(rowOf))
    })

  stores
    .command('create <name>')
    .description('make an empty store')
    .action(async (name: string, _options: object, command) => {
      const { id } = await connected(deps, command, (client) => createStore(client, name))
      line(deps.stdout, id)
    })

  stores
    .command('delete <name-or-id>')
    .description('delete a store and its index; its files stay')
    .action(async (name: string, _options: object, command) => {
      await connected(deps, command, async (client) => {
        const { id } = await requireStore(client, name)
        await client.send('DELETE', `/v1/vector_stores/${id}`)
        line(deps.stdout, `deleted ${id}`)
      })
    })
}

function rowOf(store: Store): readonly (number | string)[] {
  const { total, failed } = store.file_counts
  return [
    store.id,
    store.name ?? '',
    total,
    failed,
    size(store.usage_bytes),
    moment(store.created_at),
  ]
}
