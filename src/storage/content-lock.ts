import type { Transaction } from '../core/ports/database.ts'

/**
 * Until the end of the transaction, nobody else comes to refer to this content or takes it away. Taken after all locks
 * on rows; whoever takes several takes them in the order of their names.
 */
export async function lockContent(transaction: Transaction, sha256: string): Promise<void> {
  await transaction.query('select pg_advisory_xact_lock(hashtextextended($1 || $2, 0))', [
    transaction.tenantId,
    sha256,
  ])
}
