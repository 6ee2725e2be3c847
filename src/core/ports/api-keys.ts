import type { Scope } from '../principal.ts'
import type { Transaction } from './database.ts'

export interface ApiKeyRecord {
  readonly id: string
  readonly tenantId: string
  readonly name: string
  /** SHA-256 of the whole key. */
  readonly hash: Buffer
  readonly scopes: readonly Scope[]
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
}

export interface ApiKeys {
  insert(transaction: Transaction, key: Omit<ApiKeyRecord, 'tenantId' | 'revokedAt'>): Promise<void>
  /** Before the tenant is known: row-level security shows exactly the row whose id is presented. */
  findPresented(id: string): Promise<ApiKeyRecord | null>
}
