import { globalOptions, examples, type AddCommand } from './command-context.ts'
import { wholeNumber } from './numbers.ts'

export const addServe: AddCommand = (program, deps) => {
  program
    .command('serve')
    .description('run the server until it is told to stop')
    .option('--host <address>', 'address to listen on (server.host)')
    .option('--port <number>', 'port to listen on (server.port)', wholeNumber(0, 65_535))
    .addHelpText('after', examples('ragstone serve', 'ragstone serve --host 0.0.0.0 --port 80'))
    .action(async (options: { host?: string; port?: number }, command) => {
      await deps.serve({ ...globalOptions(command), ...options })
    })
}
