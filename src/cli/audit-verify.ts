import type { Command } from 'commander'
import type { AuditProblem } from '../core/audit-proof.ts'
import { checkAuditFile, type CheckedFile, type CheckedLog } from './audit-file.ts'
import { LOG_OPTION } from './audit-log-option.ts'
import { CliError } from './cli-error.ts'
import { connected } from './command-context.ts'
import type { CliDeps } from './deps.ts'
import { count, jsonLine, line, table } from './terminal.ts'

interface Options {
  readonly file?: string
  readonly expect?: string
  readonly log?: string
  readonly json?: true
}

interface Verification {
  readonly ok: boolean
  readonly sealed: number
  readonly waiting: number
  readonly head: { readonly position: number; readonly hash: string }
  readonly problems: readonly AuditProblem[]
}

export function addAuditVerify(audit: Command, deps: CliDeps): void {
  audit
    .command('verify')
    .description('was anything altered, removed or put in since it was written? Exit code 1 if so')
    .option('--file <file>', 'an export, or what a sink was given, without asking a server')
    .option('--expect <hash>', 'that was noted before, and must be in the chain')
    .option(...LOG_OPTION)
    .option('--json', 'as JSON')
    .action(async (options: Options, command: Command) => {
      const problems =
        options.file === undefined
          ? await verifyServed(options, command)
          : await verifyFile(options.file, options)
      if (problems > 0)
        throw new CliError(`The audit log is not whole: ${count(problems, 'problem')}.`)
    })

  async function verifyServed({ log, expect, json }: Options, command: Command): Promise<number> {
    const found = await connected(deps, command, (client) =>
      client.send<Verification>('GET', '/api/audit/verification', { query: { log, expect } }),
    )
    const { sealed, waiting, head, problems } = found
    if (json) jsonLine(deps.stdout, found)
    else {
      line(deps.stdout, `${count(sealed, 'entry', 'entries')} checked.`)
      tell(problems)
      if (waiting > 0)
        line(deps.stdout, `${waiting} more were written just now, and are sealed in a moment.`)
      if (problems.length === 0) tellWhole(head)
    }
    return problems.length
  }

  async function verifyFile(path: string, { expect, json }: Options): Promise<number> {
    const checked = await checkAuditFile(path, expect ?? null).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error)
      throw new CliError(`${path} cannot be read: ${reason}`)
    })
    const problems = problemsOf(checked, expect)
    if (json) jsonLine(deps.stdout, { ...checked, ok: problems.length === 0, problems })
    else {
      for (const log of checked.logs) show(log)
      if (problems.length > checked.logs.flatMap((log) => log.problems).length)
        tell(problems.slice(-1))
      if (checked.strange.length > 0) {
        const lines = checked.strange.slice(0, MOST_SHOWN).join(', ')
        line(
          deps.stderr,
          `${count(checked.strange.length, 'line')} passed over that are no entries: ${lines}`,
        )
      }
    }
    return problems.length
  }

  function show({ tenantId, from, checked, problems, head }: CheckedLog): void {
    const range = checked === 0 ? '' : `, ${from} to ${head.position}`
    line(deps.stdout, `${tenantId}: ${count(checked, 'entry', 'entries')} checked${range}.`)
    tell(problems)
    if (problems.length === 0 && checked > 0) tellWhole(head)
  }

  function tell(problems: readonly AuditProblem[]): void {
    if (problems.length === 0) return
    const rows = problems.map(({ kind, position, id, message }) => [
      kind,
      String(position ?? '–'),
      id ?? '–',
      message,
    ])
    table(deps.stdout, ['WHAT', 'POSITION', 'ENTRY', 'MESSAGE'], rows)
  }

  function tellWhole({ position, hash }: Verification['head']): void {
    line(deps.stdout, `Nothing was altered, removed or put in. The chain ends at ${position} with`)
    line(deps.stdout, hash)
  }
}

const MOST_SHOWN = 20

/** Those of all logs in the file, and what is wrong with the file as a whole. */
function problemsOf({ logs }: CheckedFile, expect: string | undefined): readonly AuditProblem[] {
  const found = logs.flatMap(({ problems }) => problems)
  const nothing = { kind: 'unexpected', position: null, id: null } as const
  if (logs.length === 0) {
    return [{ ...nothing, message: 'There is no entry of an audit log in this file.' }]
  }
  if (expect === undefined || logs.some(({ expectedSeen }) => expectedSeen)) return found
  const message = 'The expected hash is not in the file: it was cut short or written anew.'
  return [...found, { ...nothing, message }]
}
