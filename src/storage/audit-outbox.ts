import type pg from 'pg'
import type { AuditRecord } from '../core/ports/audit.ts'
import { AUDIT_COLUMNS, toRecord, type AuditRow } from './audit-row.ts'
import { ownerTransaction } from './owner-transaction.ts'

/** Sealed entries that the sink does not have yet, of all tenants. */
export interface AuditOutbox {
  /** Oldest first; of one tenant in the order of its chain. Nobody else is given them for so many seconds. */
  claim(most: number, seconds: number): Promise<readonly AuditRecord[]>
  /** The sink has them. */
  remove(ids: readonly string[]): Promise<void>
  /** The sink does not have them. */
  release(ids: readonly string[]): Promise<void>
  /** Where there is no sink any longer. */
  clear(): Promise<void>
}

export function createAuditOutbox(pool: pg.Pool): AuditOutbox {
  return {
    claim: (most, seconds) =>
      ownerTransaction(pool, async (transaction) => {
        const queued = await transaction.query<{ id: string; tenant: string }>(
          `update audit_queue set claimed_until = now() + make_interval(secs => $2)
           where id in (
             select id from audit_queue
             where position is not null and (claimed_until is null or claimed_until < now())
             order by id limit $1 for update skip locked)
           returning id, tenant`,
          [most, seconds],
        )
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
        // Of tenants that were erased meanwhile.
        const known = new Set(records.map(({ id }) => id))
        const missing = queued.map(({ id }) => id).filter((id) => !known.has(id))
        if (missing.length > 0) {
          await transaction.query('delete from audit_queue where id = any($1)', [missing])
        }
        return records
      }),
    async remove(ids) {
      await pool.query('delete from audit_queue where id = any($1)', [ids])
    },
    async release(ids) {
      await pool.query('update audit_queue set claimed_until = null where id = any($1)', [ids])
    },
    async clear() {
      await pool.query('delete from audit_queue where position is not null')
    },
  }
}
