import { connected, collect, examples, type AddCommand } from './command-context.ts'
import { wholeNumber } from './numbers.ts'
import { jsonLine, line } from './terminal.ts'

interface CreatedKey {
  readonly id: string
  readonly key: string
}

interface Options {
  readonly scope?: readonly string[]
  readonly expiresInDays?: number
  readonly json?: true
}

export const addKeys: AddCommand = (program, deps) => {
  const keys = program.command('keys').description('make API keys')

  keys
    .command('create <name>')
    .description('make a key; it is shown this once')
    .option('--scope <scope>', 'admin, ask, ingest or read; may be repeated', collect)
    .option('--expires-in-days <number>', 'days until it ends', wholeNumber(1, 36_500))
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples('ragstone keys create laptop', 'ragstone keys create site --scope ask'),
    )
    .action(async (name: string, { scope, expiresInDays, json }: Options, command) => {
      const body = {
        name,
        ...(scope === undefined ? {} : { scopes: scope }),
        ...(expiresInDays === undefined ? {} : { expires_in_days: expiresInDays }),
      }
      const created = await connected(deps, command, (client) =>
        client.send<CreatedKey>('POST', '/api/keys', { body }),
      )
      if (json) jsonLine(deps.stdout, created)
      else line(deps.stdout, created.key)
      line(deps.stderr, 'Keep it: only its hash is stored, and it is not shown again.')
    })
}
