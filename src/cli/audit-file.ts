import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { readAuditLine, recordOf, type AuditLine } from '../core/audit-line.ts'
import { walkChain, type AuditProblem, type ChainWalk } from '../core/audit-proof.ts'

/** What a file says of one tenant's log. */
export interface CheckedLog {
  readonly tenantId: string
  /** The first position that there is. */
  readonly from: number
  readonly checked: number
  readonly problems: readonly AuditProblem[]
  readonly head: { readonly position: number; readonly hash: string }
  readonly expectedSeen: boolean
}

export interface CheckedFile {
  readonly logs: readonly CheckedLog[]
  /** Lines that are no entries, by their number: such as one that was cut short by a full disk. */
  readonly strange: readonly number[]
}

/** First line of an export: where it begins. */
export interface ExportStart {
  readonly object: 'audit.export'
  readonly tenant_id: string
  readonly after: number
  readonly before: string | null
}

/** In place of an entry that is gone from the log. */
export interface MissingEntry {
  readonly object: 'audit.missing'
  readonly tenant_id: string
  readonly id: string
  readonly position: number
  readonly hash: string
}

/** Last line of an export, without which it was cut short. */
export interface ExportEnd {
  readonly object: 'audit.export_end'
  readonly tenant_id: string
  readonly head: { readonly position: number; readonly hash: string }
}

interface Log {
  readonly walk: ChainWalk
  readonly from: number
  /** By position: what a sink gets twice is the same twice. */
  readonly seen: Map<number, string>
  end: ExportEnd['head'] | null
  readonly isExport: boolean
}

/** How far back an entry may be told again: a sink gets whole batches anew. */
const REMEMBERED = 5_000

/** Walks along the chains in an export, or in what the sinks `file`, `stdout` and `http` were given. */
export async function checkAuditFile(path: string, expect: string | null): Promise<CheckedFile> {
  const logs = new Map<string, Log>()
  const strange: number[] = []
  let number = 0
  const open = (
    tenantId: string,
    start: { position: number; hash: string | null },
    isExport: boolean,
  ) => {
    const from = start.position + 1
    const walk = walkChain({ expect, ...(start.position === 0 ? {} : { from: start }) })
    const log: Log = { walk, from, seen: new Map(), end: null, isExport }
    logs.set(tenantId, log)
    return log
  }
  const take = (text: string): void => {
    const value = parsed(text)
    const said = Object(value) as ExportEnd | ExportStart | MissingEntry
    if (said.object === 'audit.export') {
      open(said.tenant_id, { position: said.after, hash: said.before }, true)
    } else if (said.object === 'audit.export_end') {
      const log = logs.get(said.tenant_id)
      if (log !== undefined) log.end = said.head
    } else if (said.object === 'audit.missing') {
      const { position, hash, id } = said
      logs.get(said.tenant_id)?.walk.take({ position, hash, id, entry: null })
    } else {
      const line = readAuditLine(value)
      if (line === null) strange.push(number)
      else {
        const before = { position: (line.position ?? 1) - 1, hash: null }
        follow(logs.get(line.tenant_id) ?? open(line.tenant_id, before, false), line)
      }
    }
  }
  for await (const text of createInterface({
    input: createReadStream(path),
    crlfDelay: Infinity,
  })) {
    number += 1
    if (text !== '') take(text)
  }
  return { logs: [...logs].map(([tenantId, log]) => reportOf(tenantId, log)), strange }
}

function follow({ walk, seen }: Log, line: AuditLine): void {
  const { id, position, hash } = line
  if (position === null || hash === null) {
    const message = `The entry ${id} was put in without a place in the chain.`
    return walk.note({ kind: 'inserted', position: null, id, message })
  }
  const digest = createHash('sha256').update(JSON.stringify(line)).digest('base64')
  if (seen.get(position) === digest) return
  seen.set(position, digest)
  if (seen.size > REMEMBERED) seen.delete(seen.keys().next().value ?? 0)
  walk.take({ position, hash, id, entry: recordOf(line) })
}

function reportOf(tenantId: string, { walk, from, end, isExport }: Log): CheckedLog {
  const reached = walk.end().head
  if (isExport && end === null) {
    const message = 'The export has no end: it was cut short, or it did not finish.'
    walk.note({ kind: 'cut', position: reached.position, id: null, message })
  } else if (end !== null && (end.position !== reached.position || end.hash !== reached.hash)) {
    const message = `The entries end at ${reached.position}; the export ended at ${end.position}.`
    walk.note({ kind: 'cut', position: reached.position, id: null, message })
  }
  const { problems, links, head, expectedSeen } = walk.end()
  return { tenantId, from, checked: links, problems, head, expectedSeen }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
