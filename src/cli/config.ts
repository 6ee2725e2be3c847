import { stringify } from 'yaml'
import { examples, globalOptions, type AddCommand } from './command-context.ts'
import { jsonLine } from './terminal.ts'

export const addConfig: AddCommand = (program, deps) => {
  program
    .command('config')
    .description('print the effective configuration, secrets hidden')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('ragstone config', 'ragstone config > ragstone.yaml'))
    .action(({ json }: { json?: true }, command) => {
      const config = deps.config(globalOptions(command))
      if (json) jsonLine(deps.stdout, config)
      else deps.stdout.write(stringify(config))
    })
}
