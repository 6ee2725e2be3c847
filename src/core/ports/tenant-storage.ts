import type { Held } from '../caps.ts'
import type { Transaction } from './database.ts'

export interface TenantStorage {
  /** What the transaction's tenant keeps, as counted: no table is looked through. */
  held(transaction: Transaction): Promise<Held>
}
