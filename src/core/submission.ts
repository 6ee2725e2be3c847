import type { ChunkSize } from './chunk.ts'
import type { Attributes } from './filter.ts'
import type { Transaction } from './ports/database.ts'
import type { DocumentRecord } from './ports/documents.ts'
import type { FileRecord } from './ports/files.ts'
import type { JobPriority } from './ports/queue.ts'
import type { HashedContent } from './ports/object-store.ts'

export interface NewUpload {
  /** Of the file to come, where it must be known before; absent makes one. */
  readonly id?: string
  readonly filename: string
  readonly purpose: string
  readonly content: HashedContent | Uint8Array
  readonly expiresAt: Date | null
}

export interface NewMembership {
  readonly vectorStoreId: string
  readonly fileId: string
  readonly attributes: Attributes
  /** Null takes the store's, then the configured one. */
  readonly chunkSize: ChunkSize | null
  readonly sourceKey: string | null
  readonly batchId: string | null
  /** Of the work on it. */
  readonly priority?: JobPriority
}

/** The way in: what these acknowledge is durable, and is indexed or given a reason, whatever is killed. */
export interface Submission {
  /** Throws `file_empty`, `file_too_large`, `limit_reached`. */
  upload(tenantId: string, upload: NewUpload): Promise<FileRecord>
  /**
   * Puts an uploaded file into a vector store and queues its ingestion, in one transaction.
   * A file that is there already, or the same bytes and chunk size under the same source key, is given back as it is.
   * Throws `resource_not_found` for an unknown store or file, `limit_reached`.
   * `also` is written in the same transaction, and may be asked again where that had to be begun anew.
   */
  addToStore(
    tenantId: string,
    membership: NewMembership,
    also?: (transaction: Transaction, document: DocumentRecord) => Promise<void>,
  ): Promise<DocumentRecord>
}
