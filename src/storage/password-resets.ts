import type { PasswordResets } from '../core/ports/invitations.ts'

export function createPasswordResets(): PasswordResets {
  return {
    async insert(transaction, { userId, hash, expiresAt }) {
      await transaction.query(
        `insert into password_resets (tenant_id, user_id, hash, expires_at) values ($1, $2, $3, $4)
         on conflict (tenant_id, user_id) do update set hash = excluded.hash, expires_at = excluded.expires_at`,
        [transaction.tenantId, userId, hash, expiresAt],
      )
    },

    async use(transaction, hash, now) {
      const [row] = await transaction.query<{ user_id: string }>(
        `delete from password_resets where tenant_id = $1 and hash = $2 and expires_at > $3 returning user_id`,
        [transaction.tenantId, hash, now],
      )
      return row?.user_id ?? null
    },
  }
}
