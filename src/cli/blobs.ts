import { CliError } from './cli-error.ts'
import { connected, examples, type AddCommand } from './command-context.ts'
import { jsonLine, line, size, table } from './terminal.ts'

interface Report {
  readonly tenants: number
  readonly objects: number
  readonly bytes: number
  readonly verified: number
  readonly damaged: number
  readonly missing: number
  readonly orphans: number
  readonly strays: number
  readonly removed: number
  readonly removed_bytes: number
  readonly findings: readonly {
    readonly problem: string
    readonly key: string
    readonly bytes: number
    readonly removed: boolean
    readonly detail: string
  }[]
}

interface MasterKey {
  readonly id: string
  readonly tenants: number
  readonly role: string
}

/** For whoever runs the server: files and extracted texts, where they are kept. */
export const addBlobs: AddCommand = (program, deps) => {
  const blobs = program
    .command('blobs')
    .description('check what is kept of files, and change the key they are encrypted with')
    .addHelpText('after', examples('ragstone blobs check', 'ragstone blobs check --repair --quick'))

  blobs
    .command('check', { isDefault: true })
    .description('compare what is kept with what is referred to; fails where content is lost')
    .option('--repair', 'remove what nothing refers to any longer')
    .option('--quick', 'do not read the contents')
    .option('--json', 'as JSON')
    .action(async (options: { repair?: true; quick?: true; json?: true }, command) => {
      const body = { repair: options.repair === true, verify: options.quick !== true }
      const report = await connected(deps, command, (client) =>
        client.send<Report>('POST', '/api/blobs/check', { body, signal: deps.signal }),
      )
      if (options.json) jsonLine(deps.stdout, report)
      else show(deps.stdout, report)
      const { damaged, missing } = report
      if (damaged + missing > 0)
        throw new CliError(`${damaged} damaged and ${missing} missing: restore them from a backup.`)
    })

  blobs
    .command('keys')
    .description('show which master keys are in use')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: true }, command) => {
      const encryption = await connected(deps, command, (client) =>
        client.send<{ readonly enabled: boolean; readonly master_keys: readonly MasterKey[] }>(
          'GET',
          '/api/blobs/encryption',
        ),
      )
      if (json) jsonLine(deps.stdout, encryption)
      else if (!encryption.enabled) line(deps.stdout, 'Files are not encrypted.')
      else showKeys(deps.stdout, encryption.master_keys)
    })

  blobs
    .command('rewrap')
    .description('wrap every tenant’s key by the current master key, after it was changed')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: true }, command) => {
      const done = await connected(deps, command, (client) =>
        client.send<{ readonly rewrapped: number; readonly master_keys: readonly MasterKey[] }>(
          'POST',
          '/api/blobs/rewrap',
        ),
      )
      if (json) return jsonLine(deps.stdout, done)
      line(deps.stdout, `wrapped anew: ${done.rewrapped}`)
      showKeys(deps.stdout, done.master_keys)
    })
}

function showKeys(stdout: NodeJS.WritableStream, keys: readonly MasterKey[]): void {
  const rows = keys.map(({ id, role, tenants }) => [id, role, tenants])
  table(stdout, ['MASTER KEY', 'ROLE', 'TENANTS'], rows)
}

function show(stdout: NodeJS.WritableStream, report: Report): void {
  const { tenants, objects, bytes, verified, findings, removed, removed_bytes: freed } = report
  line(
    stdout,
    `${objects} objects of ${tenants} tenants, ${size(bytes)}; ${verified} read and right`,
  )
  const { damaged, missing, orphans, strays } = report
  line(stdout, `damaged ${damaged}, missing ${missing}, orphans ${orphans}, strays ${strays}`)
  if (removed > 0) line(stdout, `removed ${removed}, ${size(freed)}`)
  if (findings.length === 0) return
  line(stdout)
  const rows = findings.map((each) => [
    each.problem,
    each.key,
    size(each.bytes),
    each.removed ? 'removed' : 'there',
    each.detail,
  ])
  table(stdout, ['PROBLEM', 'KEY', 'SIZE', 'NOW', 'WHY'], rows)
}
