import { ADVISORY_LOCKS } from '../core/advisory-locks.ts'
import type pg from 'pg'
import { CHAIN_START, chainHash, missingHash } from '../core/audit-chain.ts'
import { AUDIT_COLUMNS, toRecord, type AuditRow } from './audit-row.ts'
import { ownerTransaction, type OwnerTransaction } from './owner-transaction.ts'

export interface AuditSeals {
  /**
   * Gives the oldest entries that have none their places in the chains of their tenants; says how many. Null where
   * another server is at it. `keep` leaves them in the queue, for a sink.
   */
  seal(most: number, options: { readonly keep: boolean }): Promise<number | null>
}

export function createAuditSeals(pool: pg.Pool): AuditSeals {
  return {
    seal: (most, { keep }) =>
      ownerTransaction(pool, async (transaction) => {
        const [turn] = await transaction.query<{ batch: number | null }>(
          `select case when pg_try_advisory_xact_lock($1) then nextval('audit_batches') end as batch`,
          [ADVISORY_LOCKS.auditSeals],
        )
        const batch = turn?.batch ?? null
        if (batch === null) return null
        const queued = await transaction.query<{ id: string; tenant: string }>(
          // Locked: the erasure of a tenant that takes them away waits, and then sees what was made of them.
          'select id, tenant from audit_queue where position is null order by id limit $1 for update',
          [most],
        )
        for (const [tenantId, entries] of Map.groupBy(queued, ({ tenant }) => tenant)) {
          const ids = entries.map(({ id }) => id)
          await sealOf(transaction, { tenantId, ids, batch: keep ? batch : null })
        }
        return queued.length
      }),
  }
}

interface Sealed {
  readonly tenantId: string
  readonly ids: readonly string[]
  /** Under which they stay in the queue; null where they need not. */
  readonly batch: number | null
}

async function sealOf(
  transaction: OwnerTransaction,
  { tenantId, ids, batch }: Sealed,
): Promise<void> {
  await transaction.enter(tenantId)
  // Where somebody moved the head, what is there is gone on from: the gap stays for the verification to find.
  const [head] = await transaction.query<{ position: number; hash: string }>(
    `select position, encode(hash, 'hex') as hash from (
       select position, hash from audit_heads where tenant_id = $1
       union all
       (select position, hash from audit_chain where tenant_id = $1 order by position desc limit 1)) as heads
     order by position desc limit 1`,
    [tenantId],
  )
  const rows = await transaction.query<AuditRow>(
    `select ${AUDIT_COLUMNS} from audit_log as entry where entry.tenant_id = $1 and entry.id = any($2)`,
    [tenantId, ids],
  )
  const byId = new Map(rows.map((row) => [row.id, toRecord(row)]))
  let position = head?.position ?? 0
  let hash = head?.hash ?? CHAIN_START
  const links = ids.map((id) => {
    position += 1
    const entry = byId.get(id)
    hash = entry === undefined ? missingHash(hash, id, position) : chainHash(hash, entry, position)
    return { id, position, hash }
  })
  const columns = [
    links.map(({ id }) => id),
    links.map((link) => link.position),
    links.map((link) => link.hash),
  ]
  await transaction.query(
    `with links as (select * from unnest($2::uuid[], $3::bigint[], $4::text[]) as link (id, position, hash)),
       chained as (
         insert into audit_chain (tenant_id, entry_id, position, hash)
         select $1, id, position, decode(hash, 'hex') from links),
       worked as (
         ${
           batch === null
             ? 'delete from audit_queue using links where audit_queue.id = links.id'
             : `update audit_queue set position = links.position, batch = ${batch} from links where audit_queue.id = links.id`
         })
     insert into audit_heads (tenant_id, position, hash) values ($1, $5, decode($6, 'hex'))
     on conflict (tenant_id) do update set position = excluded.position, hash = excluded.hash`,
    [tenantId, ...columns, position, hash],
  )
}
