import { examples, globalOptions, type AddCommand } from './command-context.ts'
import { line } from './terminal.ts'

export const addMigrate: AddCommand = (program, deps) => {
  program
    .command('migrate')
    .description('bring the database up to date (serve does it too)')
    .addHelpText(
      'after',
      examples('ragstone migrate', 'DATABASE_URL=postgres://… ragstone migrate'),
    )
    .action(async (_options: object, command) => {
      const names = await deps.migrate(globalOptions(command))
      for (const name of names) line(deps.stdout, `ran ${name}`)
      if (names.length === 0) line(deps.stdout, 'The database is up to date.')
    })
}
