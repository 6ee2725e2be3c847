import { Argument } from 'commander'
import { examples, type AddCommand } from './command-context.ts'
import { completionScript, type Shell } from './completion-script.ts'

export const addCompletion: AddCommand = (program, deps) => {
  program
    .command('completion')
    .description('print a script that completes commands and options')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      examples(
        'source <(ragstone completion bash)',
        'ragstone completion fish > ~/.config/fish/completions/ragstone.fish',
      ),
    )
    .action((shell: Shell) => {
      deps.stdout.write(completionScript(program, shell))
    })
}
