import type { Transaction } from './database.ts'
import type { FileCounts } from './vector-stores.ts'

export interface FileBatchRecord {
  readonly id: string
  readonly vectorStoreId: string
  readonly createdAt: Date
  /** Null unless it was cancelled while some of its files were not through. */
  readonly cancelledAt: Date | null
  readonly fileCounts: FileCounts
}

export interface FileBatches {
  /** Of these files, those that are in the store are the batch's, whoever brought them. */
  insert(
    transaction: Transaction,
    batch: Pick<FileBatchRecord, 'createdAt' | 'id' | 'vectorStoreId'>,
    fileIds: readonly string[],
  ): Promise<void>
  get(
    transaction: Transaction,
    vectorStoreId: string,
    batchId: string,
  ): Promise<FileBatchRecord | null>
  markCancelled(transaction: Transaction, vectorStoreId: string, batchId: string): Promise<void>
}
