import type { Limits } from '../limits.ts'
import type { Scope } from '../principal.ts'
import type { Transaction } from './database.ts'
import type { Cursor } from './files.ts'

export interface ApiKeyRecord {
  readonly id: string
  readonly tenantId: string
  readonly name: string
  /** SHA-256 of the whole key. */
  readonly hash: Buffer
  readonly scopes: readonly Scope[]
  /** The only vector stores it may touch; null for all of the tenant's. */
  readonly vectorStoreIds: readonly string[] | null
  /** Its own, in place of its tenant's. */
  readonly limits: Partial<Limits>
  /** The id of the key or the person that made it; null for the owner of the machine. */
  readonly madeBy: string | null
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
  /** To the minute. */
  readonly lastUsedAt: Date | null
  readonly rotatedAt: Date | null
  /** What it was before its last rotation, until when that still works. */
  readonly previous: PreviousSecret | null
  /** What its signing secret is derived with; null for a key that may not sign. */
  readonly signingSalt: Buffer | null
}

export interface PreviousSecret {
  readonly hash: Buffer
  readonly signingSalt: Buffer | null
  readonly until: Date
}

export type NewApiKeyRecord = Pick<
  ApiKeyRecord,
  'createdAt' | 'expiresAt' | 'hash' | 'id' | 'name' | 'scopes'
> &
  Partial<Pick<ApiKeyRecord, 'limits' | 'madeBy' | 'signingSalt' | 'vectorStoreIds'>>

export type ApiKeyChange = Partial<Pick<ApiKeyRecord, 'expiresAt' | 'limits' | 'name' | 'scopes'>>

export interface KeyRotation extends Pick<ApiKeyRecord, 'hash' | 'signingSalt'> {
  /** Until when what it was still works. */
  readonly until: Date
}

export interface ApiKeys {
  insert(transaction: Transaction, key: NewApiKeyRecord): Promise<void>
  /** Before the tenant is known: row-level security shows exactly the row whose id is presented. */
  findPresented(id: string): Promise<ApiKeyRecord | null>
  get(transaction: Transaction, id: string): Promise<ApiKeyRecord | null>
  /** One row more than `limit` where there are more. */
  list(transaction: Transaction, cursor: Cursor): Promise<readonly ApiKeyRecord[]>
  /** Null for one that is unknown or revoked, here and below. */
  update(transaction: Transaction, id: string, change: ApiKeyChange): Promise<ApiKeyRecord | null>
  rotate(transaction: Transaction, id: string, rotation: KeyRotation): Promise<ApiKeyRecord | null>
  revoke(transaction: Transaction, id: string): Promise<ApiKeyRecord | null>
  /** Some that have expired and were not given here since; each is given once for each time that it expires. */
  noteExpired(transaction: Transaction, limit: number): Promise<readonly Expired[]>
  /** It was used now. */
  touch(transaction: Transaction, id: string): Promise<void>
}

export interface Expired {
  readonly id: string
  readonly expiresAt: Date
}
