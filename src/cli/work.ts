import { examples, globalOptions, type AddCommand } from './command-context.ts'
import { wholeNumber } from './numbers.ts'

export const addWork: AddCommand = (program, deps) => {
  program
    .command('work')
    .description('work on jobs apart from the server, until it is told to stop')
    .option(
      '--concurrency <number>',
      'documents worked on at once (ingest.concurrency)',
      wholeNumber(1, 64),
    )
    .addHelpText('after', examples('ragstone work', 'ragstone work --concurrency 4'))
    .action(async (options: { concurrency?: number }, command) => {
      await deps.work({ ...globalOptions(command), ...options })
    })
}
