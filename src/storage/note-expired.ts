import type { Expired } from '../core/ports/api-keys.ts'
import type { Transaction } from '../core/ports/database.ts'

/** Marks what has expired in that table, so that each time it does is told once. */
export async function noteExpired(
  transaction: Transaction,
  table: 'api_keys' | 'invitations',
  limit: number,
): Promise<readonly Expired[]> {
  // A key that was revoked had ended before.
  const living = table === 'api_keys' ? 'and revoked_at is null' : ''
  const rows = await transaction.query<{ id: string; expires_at: Date }>(
    `update ${table} set expiry_noted_at = now()
     where tenant_id = $1 and id in (
       select id from ${table}
       where tenant_id = $1 and expires_at <= now() ${living}
         and (expiry_noted_at is null or expiry_noted_at < expires_at)
       order by expires_at limit $2)
     returning id, expires_at`,
    [transaction.tenantId, limit],
  )
  return rows.map(({ id, expires_at: expiresAt }) => ({ id, expiresAt }))
}
