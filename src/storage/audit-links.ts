import type pg from 'pg'
import { CHAIN_START } from '../core/audit-chain.ts'
import type { ChainLink, ChainPage } from '../core/audit-proof.ts'
import { AUDIT_COLUMNS, toRecord, type AuditRow } from './audit-row.ts'
import { ownerTransaction } from './owner-transaction.ts'

type LinkRow = { [Column in keyof AuditRow]: AuditRow[Column] | null } & {
  readonly entry_id: string
  readonly position: number
  readonly hash: string
}

/** Links behind a position, up to another, at most so many. */
export interface LinkRange {
  readonly tenantId: string
  readonly after: number
  readonly until: number
  readonly most: number
}

export function readLinks(pool: pg.Pool, range: LinkRange): Promise<readonly ChainLink[]> {
  return ownerTransaction(pool, async (transaction) => {
    await transaction.enter(range.tenantId)
    const rows = await transaction.query<LinkRow>(
      `select link.entry_id, link.position, encode(link.hash, 'hex') as hash, ${AUDIT_COLUMNS}
       from audit_chain as link
       left join audit_log as entry on entry.tenant_id = link.tenant_id and entry.id = link.entry_id
       where link.tenant_id = $1 and link.position > $2 and link.position <= $3
       order by link.position limit $4`,
      [range.tenantId, range.after, range.until, range.most],
    )
    return rows.map((row) => ({
      id: row.entry_id,
      position: row.position,
      hash: row.hash,
      entry: row.id === null ? null : toRecord(row as AuditRow),
    }))
  })
}

/** The chain of a tenant in its own order, page by page. */
export function createAuditChain(pool: pg.Pool) {
  return async (tenantId: string, after: number, limit: number): Promise<ChainPage> => {
    const { before, head } = await readEnds(pool, tenantId, after)
    const range = { tenantId, after, until: head.position, most: limit }
    return { before, head, links: await readLinks(pool, range) }
  }
}

function readEnds(
  pool: pg.Pool,
  tenantId: string,
  after: number,
): Promise<Pick<ChainPage, 'before' | 'head'>> {
  return ownerTransaction(pool, async (transaction) => {
    await transaction.enter(tenantId)
    const [ends] = await transaction.query<{
      before: string | null
      position: number | null
      hash: string | null
    }>(
      `select encode(before.hash, 'hex') as before, head.position, encode(head.hash, 'hex') as hash
       from (select $1::text as tenant_id) as tenant
       left join audit_heads as head on head.tenant_id = tenant.tenant_id
       left join audit_chain as before on before.tenant_id = tenant.tenant_id and before.position = $2`,
      [tenantId, after],
    )
    const head = { position: ends?.position ?? 0, hash: ends?.hash ?? CHAIN_START }
    return { before: after === 0 ? CHAIN_START : (ends?.before ?? null), head }
  })
}
