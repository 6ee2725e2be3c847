import { AppError } from '../core/errors.ts'
import type { AuditFilter, AuditRecord } from '../core/ports/audit.ts'
import type { Transaction } from '../core/ports/database.ts'
import type { Cursor } from '../core/ports/files.ts'
import { AUDIT_COLUMNS, toRecord, type AuditRow } from './audit-row.ts'

export interface AuditRecords {
  /** One more than the page takes, where there are more. Throws `input_rejected` for a cursor that is no entry. */
  list(
    transaction: Transaction,
    cursor: Cursor,
    filter: AuditFilter,
  ): Promise<readonly AuditRecord[]>
}

interface SealedRow extends AuditRow {
  readonly position: number | null
  readonly hash: string | null
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** Between the making of an entry's id and of its time. */
const SLACK_MS = 1_000

export function createAuditRecords(): AuditRecords {
  return {
    async list(transaction, cursor, filter) {
      const values: unknown[] = [transaction.tenantId]
      const conditions = ['entry.tenant_id = $1']
      const where = (condition: string, value: unknown): void => {
        conditions.push(condition.replaceAll('?', `$${values.push(value)}`))
      }
      addFilter(filter, where)
      const { after, before, limit, order } = cursor
      if (after !== null)
        where(order === 'asc' ? 'entry.id > ?::uuid' : 'entry.id < ?::uuid', idOf(after, 'after'))
      if (before !== null)
        where(order === 'asc' ? 'entry.id < ?::uuid' : 'entry.id > ?::uuid', idOf(before, 'before'))
      // A page that ends before something is read from there backwards.
      const backwards = before !== null && after === null
      const direction = (order === 'asc') !== backwards ? 'asc' : 'desc'
      const rows = await transaction.query<SealedRow>(
        `select ${AUDIT_COLUMNS}, link.position, encode(link.hash, 'hex') as hash
         from audit_log as entry
         left join audit_chain as link on link.tenant_id = entry.tenant_id and link.entry_id = entry.id
         where ${conditions.join(' and ')} order by entry.id ${direction} limit $${values.push(limit + 1)}`,
        values,
      )
      const records = rows.map(sealed)
      return backwards
        ? [...records.slice(0, limit).toReversed(), ...records.slice(limit)]
        : records
    },
  }
}

function addFilter(filter: AuditFilter, where: (condition: string, value: unknown) => void): void {
  const { action, since, until } = filter
  if (action?.endsWith('*') === true) {
    where('starts_with(entry.action, ?)', action.slice(0, -1))
  } else if (action !== null) where('entry.action = ?', action)
  if (filter.actorId !== null) where('entry.actor_id = ?', filter.actorId)
  if (filter.target !== null) where('entry.target = ?', filter.target)
  if (filter.outcome !== null) where('entry.outcome = ?', filter.outcome)
  if (filter.requestId !== null) where('entry.request_id = ?', filter.requestId)
  if (filter.address !== null) where('entry.address = ?', filter.address)
  // The ids are in the order of time, so the index leads to the place.
  if (since !== null) {
    where('entry.at >= ?', since)
    where('entry.id >= ?::uuid', idAt(since.getTime() - SLACK_MS))
  }
  if (until !== null) {
    where('entry.at < ?', until)
    where('entry.id < ?::uuid', idAt(until.getTime() + SLACK_MS))
  }
}

/** The first id of that millisecond. */
function idAt(milliseconds: number): string {
  const time = Math.max(0, milliseconds).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-0000-0000-000000000000`
}

function idOf(cursor: string, param: string): string {
  if (UUID.test(cursor)) return cursor
  throw new AppError(
    'input_rejected',
    `Nothing in this list has the id given as "${param}"; take it from a page of the same list.`,
    { param },
  )
}

function sealed({ position, hash, ...row }: SealedRow): AuditRecord {
  return { ...toRecord(row), seal: position === null || hash === null ? null : { position, hash } }
}
