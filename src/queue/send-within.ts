import type { Transaction } from '../core/ports/database.ts'
import type { ExecuteSql } from './execute-sql.ts'

/**
 * Runs the library's statement inside a tenant's transaction, as the owner of the schema for just that long.
 *
 * Jobs of all tenants share one table without row-level security. A grant on it would let any statement of any tenant
 * read and write the jobs of all; this way only these texts, which are ours and the library's, ever can.
 * When one of them fails, PostgreSQL has aborted the transaction: it refuses every further statement as whatever role,
 * and a commit becomes a roll-back, so the borrowed role cannot outlive the failure.
 */
export function sendWithin(transaction: Transaction): ExecuteSql {
  return async (text, values) => {
    const before = await transaction.query<{ role: string }>(
      `select current_setting('role') as role, set_config('role', 'none', true)`,
    )
    const rows = await transaction.query<object>(text, values)
    await transaction.query(`select set_config('role', $1, true)`, [
      before[0]?.role ?? 'ragstone_app',
    ])
    return { rows: [...rows] }
  }
}
