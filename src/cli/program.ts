import { Command, CommanderError } from 'commander'
import { addAdmin } from './admin.ts'
import { addAsk } from './ask.ts'
import { addAudit } from './audit.ts'
import { CliError, EXIT } from './cli-error.ts'
import { examples } from './command-context.ts'
import { addBudgets } from './budgets.ts'
import { addBlobs } from './blobs.ts'
import { addChunks } from './chunks.ts'
import { addCompletion } from './completion.ts'
import { addConfig } from './config.ts'
import type { CliDeps } from './deps.ts'
import { addDoctor } from './doctor.ts'
import { addEmbeddings } from './embeddings.ts'
import { addFiles } from './files.ts'
import { addIngest } from './ingest.ts'
import { addJobs } from './jobs.ts'
import { addKeys } from './keys.ts'
import { addMigrate } from './migrate.ts'
import { addModels } from './models.ts'
import { addQuestions } from './questions.ts'
import { addSearch } from './search.ts'
import { addServe } from './serve.ts'
import { addSources } from './sources.ts'
import { addStores } from './stores.ts'
import { addTenants } from './tenants.ts'
import { addUsage } from './usage.ts'
import { line, paint } from './terminal.ts'
import { addUsers } from './users.ts'
import { addWork } from './work.ts'

const COMMANDS = [
  addServe,
  addWork,
  addIngest,
  addAsk,
  addSearch,
  addStores,
  addFiles,
  addSources,
  addJobs,
  addChunks,
  addQuestions,
  addModels,
  addKeys,
  addTenants,
  addUsage,
  addBudgets,
  addBlobs,
  addEmbeddings,
  addAdmin,
  addUsers,
  addAudit,
  addMigrate,
  addDoctor,
  addConfig,
  addCompletion,
]

export function buildProgram(deps: CliDeps): Command {
  const program = new Command('ragstone')
    .description('Answers questions over your own documents, every claim cited to its exact bytes.')
    .version(deps.version)
    .option('--config <file>', 'YAML configuration (RAGSTONE_CONFIG; default: ragstone.yaml)')
    .option('--url <address>', 'a server elsewhere (RAGSTONE_URL)')
    .option('--api-key <key>', 'its key (RAGSTONE_API_KEY)')
    .option('--tenant <name-or-id>', 'act in this tenant, as an operator')
    .addHelpText(
      'after',
      `${examples('ragstone ingest ~/papers', 'ragstone ask "What did the second trial find?"')}
Exit codes: 0 done, 1 failed, 2 used wrongly, 3 no server reached.\n`,
    )
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => deps.stdout.write(text),
      writeErr: (text) => deps.stderr.write(text),
      getOutHasColors: () => deps.stdout.isTTY === true,
      getErrHasColors: () => deps.stderr.isTTY === true,
    })
  for (const add of COMMANDS) add(program, deps)
  return program
}

/** Runs one command line (without `node` and the script) and gives its exit code. Never throws. */
export async function runCli(deps: CliDeps, argv: readonly string[]): Promise<number> {
  try {
    await buildProgram(deps).parseAsync(argv, { from: 'user' })
    return EXIT.ok
  } catch (error) {
    // Commander has said what was wrong by itself; help and version are no failures.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    line(deps.stderr, `${paint(deps.stderr, 'red', 'ragstone:')} ${sentenceOf(error)}`)
    if (error instanceof CliError) return error.exitCode
    return error instanceof Error && error.name === 'ConfigError' ? EXIT.usage : EXIT.failed
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
