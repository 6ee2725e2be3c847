import type { ModelCall, UsageAccount, UsageQuery, UsageRow } from '../usage.ts'
import type { Transaction } from './database.ts'

export interface UsageRecord {
  readonly account: UsageAccount
  readonly calls: readonly ModelCall[]
  /** Held back for these calls; given up with the row of what they used. */
  readonly reservationId: string | null
}

/** Append-only, for the application's role too. */
export interface UsageLedger {
  /** One statement, sent with the commit: the rows, the accounts of the budgets, and the end of the reservation. */
  record(transaction: Transaction, record: UsageRecord): Promise<void>
  /** The same where there is no transaction to be part of: one round trip. */
  recordAlone(tenantId: string, record: UsageRecord): Promise<void>
  /** Ordered by their groups; one row a currency. */
  report(transaction: Transaction, query: UsageQuery): Promise<readonly UsageRow[]>
}
