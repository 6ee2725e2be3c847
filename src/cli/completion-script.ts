import type { Command } from 'commander'

export type Shell = 'bash' | 'fish' | 'zsh'

interface Level {
  /** Commands so far, `stores delete`; empty for the program itself. */
  readonly path: string
  readonly words: readonly { readonly word: string; readonly description: string }[]
}

/** A script for the shell, written from the program itself, so that it cannot lag behind. */
export function completionScript(program: Command, shell: Shell): string {
  const levels = levelsOf(program, '')
  return shell === 'fish' ? fish(program.name(), levels) : bourne(program.name(), levels, shell)
}

function levelsOf(command: Command, path: string): readonly Level[] {
  const commands = command.commands.map((sub) => ({
    word: sub.name(),
    description: sub.description(),
  }))
  const options = command.options.map((option) => ({
    word: option.long ?? option.short ?? '',
    description: option.description,
  }))
  const help = { word: '--help', description: 'show help' }
  return [
    { path, words: [...commands, ...options, help] },
    ...command.commands.flatMap((sub) => levelsOf(sub, `${path} ${sub.name()}`.trim())),
  ]
}

/** bash, and zsh by its own emulation: what is not a word of ours is a path. */
function bourne(name: string, levels: readonly Level[], shell: 'bash' | 'zsh'): string {
  const cases = levels.map(
    ({ path, words }) => `    '${path}') words='${words.map(({ word }) => word).join(' ')}' ;;`,
  )
  const paths = levels.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`)
  return `# ${name} completion for ${shell}
${shell === 'zsh' ? 'autoload -U +X bashcompinit && bashcompinit\n' : ''}_${name}_complete() {
  local path='' word words='' index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    case "\${path:+$path }$word" in
    ${paths.join(' | ')}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _${name}_complete ${name}
`
}

function fish(name: string, levels: readonly Level[]): string {
  const lines = levels.flatMap(({ path, words }) =>
    words.map(({ word, description }) => {
      const parts = path.split(' ').filter((part) => part !== '')
      const seen = parts.map((part) => `__fish_seen_subcommand_from ${part}`).join('; and ')
      const condition = parts.length === 0 ? '__fish_use_subcommand' : seen
      const target = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`
      return `complete -c ${name} -n '${condition}' ${target} -d '${description.replaceAll("'", "\\'")}'`
    }),
  )
  return `# ${name} completion for fish\n${lines.join('\n')}\n`
}
