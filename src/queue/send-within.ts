import type { Transaction } from '../core/ports/database.ts'
import type { ExecuteSql } from './execute-sql.ts'

/**
 * Runs the library's statement inside a tenant's transaction, as the owner of the schema for just that long.
 *
 * Jobs of all tenants share one table without row-level security. A grant on it would let any statement of any tenant
 * read and write the jobs of all; this way only these texts, which are ours and the library's, ever can.
 */
export function sendWithin(transaction: Transaction): ExecuteSql {
  return async (text, values) => ({
    rows: [...(await transaction.query<object>(text, values, { asOwner: true }))],
  })
}
