import { InvalidArgumentError } from 'commander'
import { createStore, findStore } from './api.ts'
import { CliError } from './cli-error.ts'
import { connected, examples, type AddCommand } from './command-context.ts'
import { loadFiles } from './load-files.ts'
import { jsonReport, textReport } from './load-report.ts'
import { findSourceFiles } from './source-files.ts'
import { count, line } from './terminal.ts'

interface Options {
  readonly store: string
  readonly attribute?: Readonly<Record<string, string>>
  readonly all?: true
  readonly json?: true
}

export const addIngest: AddCommand = (program, deps) => {
  program
    .command('ingest <path...>')
    .description('load files, folders or globs into a store; what is unchanged is passed over')
    .option('--store <name-or-id>', 'the store, made if there is none of that name', 'library')
    .option('--attribute <key=value>', 'put on every file, to filter by; may be repeated', pair)
    .option('--all', 'take every file of a folder, whatever its ending')
    .option('--json', 'events, one JSON object a line')
    .addHelpText(
      'after',
      examples(
        'ragstone ingest ~/papers',
        'ragstone ingest report.pdf "minutes/**/*.docx" --store board --attribute year=2026',
      ),
    )
    .action(async (paths: readonly string[], options: Options, command) => {
      const { files, skipped } = await findSourceFiles(paths, { all: options.all ?? false })
      if (skipped > 0) {
        line(
          deps.stderr,
          `Passed over ${count(skipped, 'file')} of other kinds (--all takes them).`,
        )
      }
      const report = options.json ? jsonReport(deps) : textReport(deps)
      const results = await connected(deps, command, async (client) => {
        const store =
          (await findStore(client, options.store)) ?? (await createStore(client, options.store))
        report.start(files)
        return loadFiles(files, {
          client,
          storeId: store.id,
          attributes: options.attribute ?? {},
          signal: deps.signal,
          onProgress: report.progress,
          onFile: report.file,
        })
      }).finally(report.stop)
      report.finish(results)
      const failed = results.filter(({ status }) => status === 'failed').length
      if (failed > 0) throw new CliError(`${count(failed, 'file')} could not be loaded.`)
    })
}

function pair(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (key === undefined || value === undefined) {
    throw new InvalidArgumentError('It must look like key=value.')
  }
  return { ...before, [key]: value }
}
