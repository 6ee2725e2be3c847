import type { Chunk } from '../chunk.ts'
import type { VectorsByModel } from '../embedding-space.ts'
import type { Transaction } from './database.ts'

/** A chunk as it is kept. Its span is always that of `originText ?? text`. */
export interface StoredChunk extends Chunk {
  readonly id: string
  readonly vectorStoreId: string
  readonly fileId: string
  readonly filename: string
  /** Null where nobody edited the text. */
  readonly originText: string | null
  readonly editedAt: Date | null
  /** Null where searches find it. */
  readonly disabledAt: Date | null
}

/** What people have made of a chunk of a document, to be carried to the document's next version. */
export interface ChunkChange {
  /** As the parser gave it. */
  readonly originText: string
  /** Null where it was only disabled. */
  readonly text: string | null
  readonly tokens: number
  readonly editedAt: Date | null
  readonly disabledAt: Date | null
}

/** An answer that cited bytes of a chunk. */
export interface CitingAnswer {
  readonly answerId: string
  readonly question: string
  readonly createdAt: Date
  readonly quotes: readonly {
    readonly start: number
    readonly end: number
    readonly quote: string
  }[]
}

export interface Chunks {
  /** In the order of the document, behind the ordinal; one row more than `limit` where there are more. */
  list(
    transaction: Transaction,
    document: { readonly vectorStoreId: string; readonly fileId: string },
    page: { readonly behind: number | null; readonly limit: number },
  ): Promise<readonly StoredChunk[]>
  get(transaction: Transaction, id: string): Promise<StoredChunk | null>
  /** So many on either side of it. */
  neighbours(
    transaction: Transaction,
    chunk: StoredChunk,
    count: number,
  ): Promise<{ readonly before: readonly StoredChunk[]; readonly after: readonly StoredChunk[] }>
  /**
   * Puts `next` in the place of `before`, with its vectors in every search's reach or out of it at once, store version
   * up. Null when the chunk is gone. Throws `conflict` when it is no longer `before`, `SpacesChanged`.
   */
  replace(
    transaction: Transaction,
    before: StoredChunk,
    next: { readonly chunk: StoredChunk; readonly vectors: VectorsByModel },
  ): Promise<StoredChunk | null>
  /** Newest first, behind the answer; one row more than `limit` where there are more. */
  citedBy(
    transaction: Transaction,
    chunk: StoredChunk,
    page: { readonly behind: string | null; readonly limit: number },
  ): Promise<readonly CitingAnswer[]>
  /** Of the document and of those that it takes the place of, by its source key. */
  changes(
    transaction: Transaction,
    document: { readonly vectorStoreId: string; readonly fileId: string },
  ): Promise<readonly ChunkChange[]>
}
