import type { Transaction } from '../core/ports/database.ts'

/**
 * Runs several statements of a tenant's transaction as the owner of the schema, for what is above the tenants; one alone asks
 * for the owner itself (`QueryOptions`), and takes one message. The tenant stays
 * named, and the wall is forced on the owner too. A statement that fails has aborted the transaction, so the borrowed
 * role cannot outlive the failure.
 */
export async function asOwner<Result>(
  transaction: Transaction,
  work: () => Promise<Result>,
): Promise<Result> {
  await transaction.query(`select set_config('role', 'none', true)`)
  const result = await work()
  await transaction.query(`select set_config('role', 'ragstone_app', true)`)
  return result
}
