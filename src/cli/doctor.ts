import { CliError } from './cli-error.ts'
import { examples, globalOptions, type AddCommand } from './command-context.ts'
import type { CliDeps } from './deps.ts'
import { runChecks, type CheckResult } from './run-checks.ts'
import { count, jsonLine, line, paint } from './terminal.ts'

export const addDoctor: AddCommand = (program, deps) => {
  program
    .command('doctor')
    .description('check everything the server needs, and say what to do')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('ragstone doctor', 'ragstone doctor --json | jq'))
    .action(async ({ json }: { json?: true }, command) => {
      const results = await runChecks(await deps.checks(globalOptions(command)))
      if (json) jsonLine(deps.stdout, { ok: results.every(({ ok }) => ok), checks: results })
      else for (const result of results) show(deps.stdout, result)
      const failed = results.filter(({ ok }) => !ok).length
      if (failed > 0) throw new CliError(`${count(failed, 'check')} failed.`)
    })
}

function show(stdout: CliDeps['stdout'], { name, ok, detail, advice }: CheckResult): void {
  const well = advice === undefined ? paint(stdout, 'green', '✓') : paint(stdout, 'yellow', '!')
  const mark = ok ? well : paint(stdout, 'red', '✗')
  line(stdout, `${mark} ${paint(stdout, 'bold', name)}: ${detail}`)
  if (advice !== undefined) line(stdout, `  → ${advice}`)
}
