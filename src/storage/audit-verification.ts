import type pg from 'pg'
import { walkChain, type AuditProblem, type ChainWalk } from '../core/audit-proof.ts'
import { readLinks } from './audit-links.ts'
import { ownerTransaction } from './owner-transaction.ts'

export interface AuditReport {
  readonly problems: readonly AuditProblem[]
  readonly sealed: number
  /** Written just now, and without a place in the chain yet. */
  readonly waiting: number
  readonly head: { readonly position: number; readonly hash: string }
}

/** Everything of one tenant's log against its chain. `expect` is a hash that was noted elsewhere before. */
export type VerifyAudit = (tenantId: string, expect: string | null) => Promise<AuditReport>

/** So many at once, each page a transaction: the embedded database lets nobody else in meanwhile. */
const PAGE = 1_000
const MOST_SHOWN = 20

export function createAuditVerification(pool: pg.Pool): VerifyAudit {
  return async (tenantId, expect) => {
    const end = await readEnd(pool, tenantId)
    const walk = walkChain({ expect })
    for (let after = 0; after < end.chained;) {
      const links = await readLinks(pool, { tenantId, after, until: end.chained, most: PAGE })
      if (links.length === 0) break
      for (const link of links) walk.take(link)
      after = links.at(-1)?.position ?? end.chained
    }
    return report(walk, end, expect)
  }
}

interface End {
  /** The last position there is a link of. */
  readonly chained: number
  readonly head: { readonly position: number; readonly hash: string } | null
  readonly waiting: number
  /** Neither sealed nor waiting to be. */
  readonly strays: readonly string[]
}

/** In one statement, so that what is being sealed is seen before or after. */
function readEnd(pool: pg.Pool, tenantId: string): Promise<End> {
  return ownerTransaction(pool, async (transaction) => {
    await transaction.enter(tenantId)
    const [row] = await transaction.query<{
      chained: number | null
      position: number | null
      hash: string | null
      waiting: number
      strays: readonly string[]
    }>(
      `select (select max(position) from audit_chain where tenant_id = $1) as chained,
         head.position, encode(head.hash, 'hex') as hash,
         (select count(*) from audit_queue where tenant = $1 and position is null) as waiting,
         array(
           select entry.id::text from audit_log as entry
           where entry.tenant_id = $1
             and not exists (select from audit_chain as link
               where link.tenant_id = $1 and link.entry_id = entry.id)
             and not exists (select from audit_queue as queued where queued.id = entry.id)
           order by entry.id limit ${MOST_SHOWN}) as strays
       from (select $1::text as tenant_id) as tenant
       left join audit_heads as head on head.tenant_id = tenant.tenant_id`,
      [tenantId],
    )
    const { position = null, hash = null } = row ?? {}
    return {
      chained: row?.chained ?? 0,
      head: position === null || hash === null ? null : { position, hash },
      waiting: row?.waiting ?? 0,
      strays: row?.strays ?? [],
    }
  })
}

function report(walk: ChainWalk, end: End, expect: string | null): AuditReport {
  const { problems, links, head, expectedSeen } = walk.end()
  const found: AuditProblem[] = [...problems]
  for (const id of end.strays) {
    const message = `The entry ${id} was put in without a place in the chain.`
    found.push({ kind: 'inserted', position: null, id, message })
  }
  if ((end.head?.position ?? 0) !== head.position || (end.head?.hash ?? head.hash) !== head.hash) {
    const message = `The chain ends at ${head.position}; it was sealed up to ${end.head?.position ?? 0}.`
    found.push({ kind: 'cut', position: head.position, id: null, message })
  }
  if (expect !== null && !expectedSeen) {
    const message = 'The expected hash is not in the chain: it was cut short or written anew.'
    found.push({ kind: 'unexpected', position: null, id: null, message })
  }
  return { problems: found, sealed: links, waiting: end.waiting, head }
}
