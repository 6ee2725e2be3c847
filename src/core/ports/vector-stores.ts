import type { ChunkSize } from '../chunk.ts'
import type { Transaction } from './database.ts'
import type { Cursor } from './files.ts'

export interface FileCounts {
  readonly in_progress: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
  readonly total: number
}

export interface VectorStoreRecord {
  readonly id: string
  readonly name: string
  readonly metadata: Readonly<Record<string, string>>
  readonly createdAt: Date
  readonly lastActiveAt: Date
  /** Days after the last activity; null never expires. */
  readonly expiresAfterDays: number | null
  /** Default for files added without a strategy of their own; null takes the configured one. */
  readonly chunkSize: ChunkSize | null
  /** Goes up with every change of its chunks: part of every cache key. */
  readonly version: number
  readonly usageBytes: number
  readonly fileCounts: FileCounts
}

export type NewVectorStore = Pick<
  VectorStoreRecord,
  'chunkSize' | 'createdAt' | 'expiresAfterDays' | 'id' | 'metadata' | 'name'
>

export interface VectorStores {
  insert(transaction: Transaction, store: NewVectorStore): Promise<void>
  get(transaction: Transaction, id: string): Promise<VectorStoreRecord | null>
  /** Those that there are, in no order. */
  getAll(transaction: Transaction, ids: readonly string[]): Promise<readonly VectorStoreRecord[]>
  findByName(transaction: Transaction, name: string): Promise<VectorStoreRecord | null>
  /** Without those that have expired; one row more than `limit` where there are more. */
  list(transaction: Transaction, cursor: Cursor): Promise<readonly VectorStoreRecord[]>
  update(
    transaction: Transaction,
    id: string,
    change: Partial<Pick<NewVectorStore, 'expiresAfterDays' | 'metadata' | 'name'>>,
  ): Promise<boolean>
  /** They were asked just now. Does nothing for a store that was active within the last minute or is being changed. */
  touch(transaction: Transaction, ids: readonly string[]): Promise<void>
  /** Ids of stores past their time. */
  expired(transaction: Transaction, limit: number): Promise<readonly string[]>
  /** With its documents and chunks; files stay. False when there was none. */
  delete(
    transaction: Transaction,
    id: string,
  ): Promise<{ readonly orphans: readonly string[] } | null>
}
