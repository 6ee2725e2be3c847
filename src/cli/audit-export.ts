import { open, type FileHandle } from 'node:fs/promises'
import type { Command } from 'commander'
import type { AuditLine } from '../core/audit-line.ts'
import type { ExportEnd, ExportStart, MissingEntry } from './audit-file.ts'
import { LOG_OPTION } from './audit-log-option.ts'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { connected } from './command-context.ts'
import type { CliDeps } from './deps.ts'
import { wholeNumber } from './numbers.ts'
import { count, line } from './terminal.ts'

interface Options {
  readonly to: string
  readonly after: number
  readonly log?: string
}

interface Page {
  readonly tenant_id: string
  readonly before: string | null
  readonly data: readonly {
    readonly position: number
    readonly hash: string
    readonly id: string
    readonly entry: AuditLine | null
  }[]
  readonly head: { readonly position: number; readonly hash: string }
}

const PAGE = 1_000

export function addAuditExport(audit: Command, deps: CliDeps): void {
  audit
    .command('export')
    .description('write the log and its hashes to a file, to be kept and checked elsewhere')
    .requiredOption('--to <file>', 'a new file, of JSON lines')
    .option(
      '--after <position>',
      'only what is behind it: where an earlier export ended',
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
      0,
    )
    .option(...LOG_OPTION)
    .action(async ({ to, after, log }: Options, command: Command) => {
      const file = await open(to, 'wx', 0o600).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error)
        throw new CliError(`${to} cannot be written: ${reason}`)
      })
      try {
        const entries = await connected(deps, command, (client) =>
          copy(client, file, { after, log }),
        )
        await file.datasync()
        line(deps.stdout, `${count(entries, 'entry', 'entries')} written to ${to}`)
      } finally {
        await file.close()
      }
    })

  /** Up to where the log ended when it began, so that reading it comes to an end. Says how many entries there were. */
  async function copy(
    client: Client,
    file: FileHandle,
    { after, log }: { readonly after: number; readonly log: string | undefined },
  ): Promise<number> {
    const read = (behind: number) =>
      client.send<Page>('GET', '/api/audit/chain', { query: { log, after: behind, limit: PAGE } })
    let page = await read(after)
    const { tenant_id, before, head } = page
    await file.appendFile(said({ object: 'audit.export', tenant_id, after, before }))
    let entries = 0
    for (let position = after; position < head.position;) {
      const links = page.data.filter((link) => link.position <= head.position)
      await file.appendFile(links.map((link) => said(lineOf(tenant_id, link))).join(''))
      entries += links.length
      // Behind it the chain was cut: the file says how far it should go.
      if (links.length === 0) break
      position = links.at(-1)?.position ?? head.position
      if (deps.signal.aborted) throw new CliError('Stopped; the file is of no use.')
      if (position < head.position) page = await read(position)
    }
    await file.appendFile(said({ object: 'audit.export_end', tenant_id, head }))
    return entries
  }
}

function lineOf(
  tenantId: string,
  { entry, id, position, hash }: Page['data'][number],
): AuditLine | MissingEntry {
  return entry ?? { object: 'audit.missing', tenant_id: tenantId, id, position, hash }
}

function said(value: AuditLine | ExportEnd | ExportStart | MissingEntry): string {
  return `${JSON.stringify(value)}\n`
}
