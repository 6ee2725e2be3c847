import type { Claim, IdempotencyKeys } from '../core/ports/idempotency-keys.ts'

const KEPT = "interval '24 hours'"

export function createIdempotencyKeys(): IdempotencyKeys {
  return {
    async claim(transaction, { route, key }, { claim, fingerprint, seconds }) {
      const own = [transaction.tenantId, route, key]
      // Whoever claims at the same moment waits here for the other's commit, and then takes nothing.
      const taken = await transaction.query(
        `insert into idempotency_keys as known (tenant_id, route, key, fingerprint, claim, claimed_until)
         values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
         on conflict (tenant_id, route, key) do update
           set fingerprint = excluded.fingerprint, claim = excluded.claim, claimed_until = excluded.claimed_until,
             created_at = now(), status = null, body = null
           where known.created_at < now() - ${KEPT} or (known.status is null and known.claimed_until < now())
         returning key`,
        [...own, fingerprint, claim, seconds],
      )
      if (taken.length > 0) return { state: 'claimed' }
      const [row] = await transaction.query<KeyRow>(
        'select fingerprint, status, body from idempotency_keys where tenant_id = $1 and route = $2 and key = $3',
        own,
      )
      return row === undefined ? { state: 'running' } : claimOf(row, fingerprint)
    },

    async renew(transaction, claim, seconds) {
      await transaction.query(
        `update idempotency_keys set claimed_until = now() + make_interval(secs => $3)
         where tenant_id = $1 and claim = $2 and status is null`,
        [transaction.tenantId, claim, seconds],
      )
    },

    async keep(transaction, claim, { status, body }) {
      await transaction.query(
        'update idempotency_keys set status = $3, body = $4 where tenant_id = $1 and claim = $2 and status is null',
        [transaction.tenantId, claim, status, body],
      )
    },

    async release(transaction, claim) {
      await transaction.query(
        'delete from idempotency_keys where tenant_id = $1 and claim = $2 and status is null',
        [transaction.tenantId, claim],
      )
    },

    async deleteExpired(transaction) {
      await transaction.query(
        `delete from idempotency_keys where tenant_id = $1 and created_at < now() - ${KEPT}`,
        [transaction.tenantId],
      )
    },
  }
}

interface KeyRow {
  readonly fingerprint: string
  readonly status: number | null
  readonly body: string | null
}

function claimOf({ fingerprint, status, body }: KeyRow, asked: string): Claim {
  if (fingerprint !== asked) return { state: 'reused' }
  return status === null
    ? { state: 'running' }
    : { state: 'kept', answer: { status, body: body ?? '' } }
}
