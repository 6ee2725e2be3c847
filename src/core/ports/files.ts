import type { Caps } from '../caps.ts'
import type { Transaction } from './database.ts'

export interface FileRecord {
  readonly id: string
  readonly filename: string
  readonly purpose: string
  readonly bytes: number
  /** Hex, of the original bytes; also the blob's key. */
  readonly sha256: string
  readonly createdAt: Date
  readonly expiresAt: Date | null
}

export interface Cursor {
  /** The id after which (in the chosen order) the page begins. */
  readonly after: string | null
  readonly before: string | null
  readonly limit: number
  readonly order: 'asc' | 'desc'
}

export interface Files {
  /**
   * Nobody deletes a blob with these bytes from here on until the transaction ends. Throws `limit_reached` where the
   * tenant would keep more than the caps allow: exactly, however many insert at once.
   */
  insert(transaction: Transaction, file: FileRecord, caps?: Caps): Promise<void>
  /** Null for one that has expired. */
  get(transaction: Transaction, id: string): Promise<FileRecord | null>
  /** Without those that have expired; one row more than `limit` where there are more. */
  list(
    transaction: Transaction,
    cursor: Cursor,
    purpose: string | null,
  ): Promise<readonly FileRecord[]>
  /** Ids of files past their time. */
  expired(transaction: Transaction, limit: number): Promise<readonly string[]>
  /**
   * Removes the file, its documents in every vector store and their chunks.
   * Says which blobs nothing refers to any longer; null when there was no such file.
   */
  delete(
    transaction: Transaction,
    id: string,
  ): Promise<{ readonly orphans: readonly string[] } | null>
}
