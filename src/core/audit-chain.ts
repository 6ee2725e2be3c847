import { createHash } from 'node:crypto'
import type { AuditRecord } from './ports/audit.ts'

/** What stands before the first entry of a chain. */
export const CHAIN_START = '0'.repeat(64)

type Sealable = Omit<AuditRecord, 'seal'>

/**
 * SHA-256, in hex, over the hash before it (32 bytes) and the entry: its fields in the order below, each as its length
 * in UTF-8 bytes, a colon and the text (`-` for null), with commas between them. The detail is JSON with the members
 * of every object sorted and no white space.
 */
export function chainHash(before: string, entry: Sealable, position: number): string {
  const fields = [
    entry.tenantId,
    String(position),
    entry.id,
    entry.at,
    entry.action,
    entry.actor.kind,
    entry.actor.id,
    entry.target,
    entry.outcome,
    entry.requestId,
    entry.address,
    sortedJson(entry.detail),
  ]
  const text = fields
    .map((field) => (field === null ? '-' : `${Buffer.byteLength(field)}:${field}`))
    .join(',')
  return createHash('sha256').update(Buffer.from(before, 'hex')).update(text).digest('hex')
}

/** Of an entry that was taken away before it could be sealed: nothing that is kept has this hash. */
export function missingHash(before: string, id: string, position: number): string {
  return createHash('sha256')
    .update(Buffer.from(before, 'hex'))
    .update(`missing,${position},${id}`)
    .digest('hex')
}

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, child: unknown) =>
    typeof child === 'object' && child !== null && !Array.isArray(child)
      ? Object.fromEntries(Object.entries(child).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : child,
  )
}
