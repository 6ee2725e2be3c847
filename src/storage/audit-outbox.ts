import { ADVISORY_LOCKS } from '../core/advisory-locks.ts'
import type pg from 'pg'
import type { AuditRecord } from '../core/ports/audit.ts'
import { AUDIT_COLUMNS, toRecord, type AuditRow } from './audit-row.ts'
import { ownerTransaction, type OwnerTransaction } from './owner-transaction.ts'

/** More are counted as so many. */
const MOST_COUNTED = 100_000

export interface AuditBacklog {
  /** Written, and without a place in the chain yet. */
  readonly unsealed: number
  /** Sealed, and not taken by the sink yet. */
  readonly undelivered: number
  readonly oldest: Date | null
}

/** Sealed entries that the sink does not have yet, of all tenants. */
export interface AuditOutbox {
  /**
   * In the order in which they were sealed, which for each tenant is the order of its chain. Nobody is given any others
   * for so many seconds, or until these are removed or released: what comes later must not arrive before them.
   */
  claim(most: number, seconds: number): Promise<readonly AuditRecord[]>
  /** The sink has them. */
  remove(ids: readonly string[]): Promise<void>
  /** The sink does not have them. */
  release(ids: readonly string[]): Promise<void>
  /** Nobody has any on their way. */
  reclaim(): Promise<void>
  /** Where there is no sink any longer. */
  clear(): Promise<void>
  backlog(): Promise<AuditBacklog>
}

export function createAuditOutbox(pool: pg.Pool): AuditOutbox {
  return {
    async claim(most, seconds) {
      for (;;) {
        const claimed = await ownerTransaction(pool, async (transaction) => {
          const queued = await claimRows(transaction, most, seconds)
          const records = await recordsOf(transaction, queued)
          // Of tenants that were erased meanwhile.
          const known = new Set(records.map(({ id }) => id))
          const missing = queued.map(({ id }) => id).filter((id) => !known.has(id))
          if (missing.length > 0) {
            await transaction.query('delete from audit_queue where id = any($1)', [missing])
          }
          return { records, more: queued.length > 0 }
        })
        if (claimed.records.length > 0 || !claimed.more) return claimed.records
      }
    },
    async remove(ids) {
      await pool.query('delete from audit_queue where id = any($1)', [ids])
    },
    async release(ids) {
      await pool.query('update audit_queue set claimed_until = null where id = any($1)', [ids])
    },
    async reclaim() {
      await pool.query(
        'update audit_queue set claimed_until = null where claimed_until is not null',
      )
    },
    async clear() {
      await pool.query('delete from audit_queue where position is not null')
    },
    async backlog() {
      const { rows } = await pool.query<AuditBacklog>(
        `select count(*) filter (where position is null)::integer as unsealed,
           count(*) filter (where position is not null)::integer as undelivered,
           (select uuid_extract_timestamp(id) from audit_queue order by id limit 1) as oldest
         from (select position from audit_queue limit ${MOST_COUNTED}) as queued`,
      )
      return rows[0] ?? { unsealed: 0, undelivered: 0, oldest: null }
    },
  }
}

interface Queued {
  readonly id: string
  readonly tenant: string
}

async function claimRows(
  transaction: OwnerTransaction,
  most: number,
  seconds: number,
): Promise<readonly Queued[]> {
  const [turn] = await transaction.query<{ free: boolean }>(
    `select pg_try_advisory_xact_lock(${ADVISORY_LOCKS.auditOutbox})
       and not exists (select from audit_queue where claimed_until > now()) as free`,
  )
  if (turn?.free !== true) return []
  return transaction.query<Queued>(
    `update audit_queue set claimed_until = now() + make_interval(secs => $2)
     where id in (
       select id from audit_queue where position is not null
       order by batch, tenant, position limit $1)
     returning id, tenant`,
    [most, seconds],
  )
}

async function recordsOf(
  transaction: OwnerTransaction,
  queued: readonly Queued[],
): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = []
  for (const [tenantId, entries] of Map.groupBy(queued, ({ tenant }) => tenant)) {
    await transaction.enter(tenantId)
    const rows = await transaction.query<AuditRow & { position: number; hash: string }>(
      `select ${AUDIT_COLUMNS}, link.position, encode(link.hash, 'hex') as hash
       from audit_log as entry
       join audit_chain as link on link.tenant_id = entry.tenant_id and link.entry_id = entry.id
       where entry.tenant_id = $1 and entry.id = any($2) order by link.position`,
      [tenantId, entries.map(({ id }) => id)],
    )
    for (const row of rows) {
      const { position, hash } = row
      records.push({ ...toRecord(row), seal: { position, hash } })
    }
  }
  return records
}
