import type { PasswordAttempts } from '../core/ports/password-attempts.ts'

/** Failures older than this count no longer. */
const FORGOTTEN_AFTER = '1 day'

export function createPasswordAttempts(): PasswordAttempts {
  return {
    async take(transaction, { subject, free, delayMs, maxDelayMs }, now) {
      // One statement: who comes at the same time waits for the row, and then sees what it says.
      const [taken] = await transaction.query(
        `insert into password_attempts as f (tenant_id, subject, failures, failed_at, blocked_until)
         values ($1, $2, 1, $3, $3)
         on conflict (tenant_id, subject) do update set
           failures = case when f.failed_at < $3 - interval '${FORGOTTEN_AFTER}' then 1 else f.failures + 1 end,
           failed_at = $3,
           blocked_until = case
             when f.failed_at < $3 - interval '${FORGOTTEN_AFTER}' or f.failures < $4::integer then $3
             else $3 + least($6::float8, $5::float8 * 2.0 ^ least(f.failures - $4::integer, 40)) * interval '1 millisecond'
           end
         where f.blocked_until <= $3
         returning failures`,
        [transaction.tenantId, subject, now, free, delayMs, maxDelayMs],
      )
      if (taken !== undefined) return null
      const [blocked] = await transaction.query<{ blocked_until: Date }>(
        'select blocked_until from password_attempts where tenant_id = $1 and subject = $2',
        [transaction.tenantId, subject],
      )
      return Math.max(1, (blocked?.blocked_until.getTime() ?? 0) - now.getTime())
    },

    async forget(transaction, subject) {
      await transaction.query(
        'delete from password_attempts where tenant_id = $1 and subject = $2',
        [transaction.tenantId, subject],
      )
    },

    async giveBack(transaction, subject) {
      await transaction.query(
        `update password_attempts set failures = greatest(failures - 1, 0), blocked_until = failed_at
         where tenant_id = $1 and subject = $2`,
        [transaction.tenantId, subject],
      )
    },

    async deleteBefore(transaction, before) {
      await transaction.query(
        'delete from password_attempts where tenant_id = $1 and failed_at < $2',
        [transaction.tenantId, before],
      )
    },
  }
}
