import type { AuditLine } from '../core/audit-line.ts'
import type { List } from './api.ts'
import { addAuditExport } from './audit-export.ts'
import { LOG_OPTION } from './audit-log-option.ts'
import { addAuditVerify } from './audit-verify.ts'
import type { Client } from './client.ts'
import { connected, examples, type AddCommand } from './command-context.ts'
import { wholeNumber } from './numbers.ts'
import { jsonLine, line, table } from './terminal.ts'

interface Options {
  readonly since?: string
  readonly until?: string
  readonly actor?: string
  readonly action?: string
  readonly outcome?: string
  readonly target?: string
  readonly request?: string
  readonly address?: string
  readonly log?: string
  readonly limit: number
  readonly json?: true
}

export const addAudit: AddCommand = (program, deps) => {
  const audit = program
    .command('audit')
    .description('who did what, when, from where')
    .addHelpText(
      'after',
      examples(
        'ragstone audit list --since 2026-11-01 --outcome refused',
        "ragstone audit list --actor key_… --action 'file.*'",
        'ragstone audit verify',
        'ragstone audit export --to audit.ndjson && ragstone audit verify --file audit.ndjson',
      ),
    )

  audit
    .command('list', { isDefault: true })
    .description('list entries, newest first')
    .option('--since <time>', 'a day or a time of ISO 8601, UTC: not before it')
    .option('--until <time>', 'before it')
    .option('--actor <id>', 'who did it: the id of a key, a person or a service')
    .option('--action <name>', 'like file.delete, or file.* for all that begins so')
    .option('--outcome <name>', 'done, failed or refused')
    .option('--target <id>', 'what it was done to')
    .option('--request <id>', 'by which request: req_…')
    .option('--address <address>', 'from where')
    .option(...LOG_OPTION)
    .option('--limit <number>', 'at most so many', wholeNumber(1, 1_000_000), 50)
    .option('--json', 'one JSON object a line')
    .action(async ({ json, limit, request, ...filter }: Options, command) => {
      const query = { ...filter, request_id: request }
      const entries = await connected(deps, command, (client) => newest(client, query, limit))
      if (json) for (const entry of entries) jsonLine(deps.stdout, entry)
      else if (entries.length === 0) line(deps.stderr, 'There is no such entry.')
      else table(deps.stdout, HEADINGS, entries.map(rowOf))
    })

  addAuditVerify(audit, deps)
  addAuditExport(audit, deps)
}

const HEADINGS = ['TIME (UTC)', 'OUTCOME', 'ACTION', 'ACTOR', 'FROM', 'TARGET']

function rowOf({ at, outcome, action, actor, address, target }: AuditLine): readonly string[] {
  const time = at.slice(0, 19).replace('T', ' ')
  return [time, outcome, action, actor.id ?? actor.kind, address ?? '–', target ?? '–']
}

const PAGE = 1_000

async function newest(
  client: Client,
  filter: Readonly<Record<string, string | undefined>>,
  most: number,
): Promise<readonly AuditLine[]> {
  const entries: AuditLine[] = []
  for (let after: string | undefined; ;) {
    const limit = Math.min(PAGE, most - entries.length)
    const query = { ...filter, limit, after }
    const page = await client.send<List<AuditLine>>('GET', '/api/audit', { query })
    entries.push(...page.data)
    after = page.data.at(-1)?.id
    if (page.has_more !== true || after === undefined || entries.length >= most) return entries
  }
}
