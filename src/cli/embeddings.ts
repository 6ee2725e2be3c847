import type { Command } from 'commander'
import { CliError, EXIT } from './cli-error.ts'
import type { Client } from './client.ts'
import { connected, examples, type AddCommand } from './command-context.ts'
import { migrate, type MigrateOptions } from './migrate-embeddings.ts'
import { readQuestions } from './read-questions.ts'
import {
  showComparison,
  showMigration,
  showStatus,
  type Comparison,
  type EmbeddingsStatus,
  type Migration,
} from './show-embeddings.ts'
import { jsonLine } from './terminal.ts'

interface Json {
  readonly json?: true
}

/** For whoever runs the server: from one embedding model to another. */
export const addEmbeddings: AddCommand = (program, deps) => {
  const embeddings = program
    .command('embeddings')
    .description('embed all documents by another model, without a pause in answering')
    .addHelpText(
      'after',
      examples(
        'ragstone embeddings migrate --to text-embedding-3-small',
        'ragstone embeddings compare',
        'ragstone embeddings cut-over',
        'ragstone embeddings roll-back',
        'ragstone embeddings drop-old',
      ),
    )

  embeddings
    .command('status', { isDefault: true })
    .description('which model serves, and how far a migration is')
    .option('--json', 'as JSON')
    .action(async ({ json }: Json, command) => {
      const status = await connected(deps, command, (client) =>
        client.send<EmbeddingsStatus>('GET', '/api/embeddings'),
      )
      if (json) jsonLine(deps.stdout, status)
      else showStatus(deps.stdout, status)
    })

  embeddings
    .command('migrate')
    .description('say what it takes, then embed everything by the model in the background')
    .requiredOption('--to <model>', 'as the configuration names it')
    .option('--rate <number>', 'at most so many chunks a second', positiveNumber)
    .option('--yes', 'do not ask')
    .option('--detach', 'do not wait until it is ready')
    .option('--estimate', 'only say what it takes')
    .option('--json', 'as JSON')
    .action((options: MigrateOptions, command: Command) =>
      connected(deps, command, (client) => migrate(deps, client, options)),
    )

  embeddings
    .command('compare')
    .description('ask the same questions of both models')
    .option(
      '--questions <file>',
      'JSON lines: question, and if known expected: { file, quote }; otherwise the golden questions of all stores, or what was asked lately',
    )
    .option('--json', 'as JSON')
    .action(async ({ questions: path, json }: Json & { questions?: string }, command) => {
      const questions = path === undefined ? undefined : await readQuestions(deps, path)
      const comparison = await connected(deps, command, (client) =>
        client.send<Comparison>('POST', '/api/embeddings/compare', {
          body: { questions },
          signal: deps.signal,
        }),
      )
      if (json) jsonLine(deps.stdout, comparison)
      else showComparison(deps.stdout, comparison)
    })

  for (const { name, description } of STEPS) {
    embeddings
      .command(name)
      .description(description)
      .option('--json', 'as JSON')
      .action(async ({ json }: Json, command) => {
        const migration = await connected(deps, command, (client: Client) =>
          client.send<Migration>('POST', `/api/embeddings/${name}`),
        )
        if (json) jsonLine(deps.stdout, migration)
        else showMigration(deps.stdout, migration)
      })
  }
}

const STEPS = [
  { name: 'cut-over', description: 'let the new model serve, at once and everywhere' },
  { name: 'roll-back', description: 'let the old model serve again, at once and everywhere' },
  { name: 'drop-old', description: 'delete the vectors of the old model; there is no way back' },
  { name: 'cancel', description: 'give the migration up, and delete the vectors of the new model' },
] as const

function positiveNumber(text: string): number {
  const number = Number(text)
  if (!(number > 0)) throw new CliError(`${text} is not a number above 0.`, EXIT.usage)
  return number
}
