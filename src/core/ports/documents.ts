import type { Caps } from '../caps.ts'
import type { Chunk, ChunkSize } from '../chunk.ts'
import type { VectorsByModel } from '../embedding-space.ts'
import type { ErrorCode } from '../errors.ts'
import type { Attributes } from '../filter.ts'
import type { ChunkChange } from './chunks.ts'
import type { Transaction } from './database.ts'
import type { Cursor } from './files.ts'

export type DocumentStatus = 'cancelled' | 'completed' | 'failed' | 'in_progress'
export type IngestStage = 'chunk' | 'embed' | 'index' | 'parse' | 'queued'

/** A file in a vector store. */
export interface DocumentRecord {
  readonly vectorStoreId: string
  readonly fileId: string
  readonly filename: string
  /** Hex, of the original file. */
  readonly fileSha256: string
  readonly fileBytes: number
  readonly status: DocumentStatus
  readonly stage: IngestStage
  readonly attributes: Attributes
  readonly chunkSize: ChunkSize
  /** Where it came from (a path, an address): a later document with the same key takes its place. */
  readonly sourceKey: string | null
  readonly batchId: string | null
  readonly error: { readonly code: ErrorCode; readonly message: string } | null
  readonly mediaType: string | null
  readonly title: string | null
  /** Blob key of the extracted text; null until parsed. */
  readonly textSha256: string | null
  readonly textBytes: number
  readonly chunkCount: number
  readonly chunksEmbedded: number
  /** Null until they are counted, 0 for what has none. */
  readonly pages: number | null
  /** Read in the latest attempt; null until one is. */
  readonly pagesDone: number | null
  /** How far the stage is, from 0 to 1; null where that cannot be said. */
  readonly stageDone: number | null
  /** Of the latest attempt; null before the first. */
  readonly workStartedAt: Date | null
  readonly stageStartedAt: Date | null
  readonly createdAt: Date
}

export type NewDocument = Pick<
  DocumentRecord,
  'attributes' | 'batchId' | 'chunkSize' | 'createdAt' | 'fileId' | 'sourceKey' | 'vectorStoreId'
>

/** A parsed, chunked and embedded document, ready to take its place. */
export interface IndexedDocument {
  readonly vectorStoreId: string
  readonly fileId: string
  readonly mediaType: string
  readonly title: string | null
  readonly textSha256: string
  readonly textBytes: number
  readonly chunks: readonly Chunk[]
  /** Empty when no embedding model is to be had: the store then has BM25 alone. */
  readonly vectors: VectorsByModel
  /** What was carried over to its chunks: where that has changed since, `conflict` is thrown. */
  readonly changes?: readonly ChunkChange[]
}

/** Progress of everything that was ever put into a vector store and is not yet indexed or failed. */
export interface IngestProgress {
  readonly files: { readonly total: number; readonly done: number; readonly failed: number }
  readonly bytes: { readonly total: number; readonly done: number }
  readonly chunks: { readonly total: number; readonly done: number }
}

export interface Documents {
  /**
   * False when the file is in the store already: nothing is changed then. Throws `resource_not_found` when the file or
   * the store has gone meanwhile, `limit_reached` where the tenant has no room for a single chunk.
   */
  insert(transaction: Transaction, document: NewDocument, caps?: Caps): Promise<boolean>
  get(
    transaction: Transaction,
    vectorStoreId: string,
    fileId: string,
  ): Promise<DocumentRecord | null>
  /** The newest completed or running document with that key. */
  findBySourceKey(
    transaction: Transaction,
    vectorStoreId: string,
    sourceKey: string,
  ): Promise<DocumentRecord | null>
  /** One row more than `limit` where there are more. */
  list(
    transaction: Transaction,
    vectorStoreId: string,
    cursor: Cursor,
    only: { readonly status?: DocumentStatus; readonly batchId?: string },
  ): Promise<readonly DocumentRecord[]>
  setAttributes(
    transaction: Transaction,
    vectorStoreId: string,
    fileId: string,
    attributes: Attributes,
  ): Promise<boolean>
  /** The stage `parse` without `stageDone` begins an attempt. */
  setProgress(
    transaction: Transaction,
    document: { readonly vectorStoreId: string; readonly fileId: string },
    progress: {
      readonly stage: IngestStage
      readonly stageDone?: number
      readonly pages?: number
      readonly pagesDone?: number
      readonly chunkCount?: number
      readonly chunksEmbedded?: number
    },
  ): Promise<void>
  /**
   * In one transaction: old chunks out, new in, status completed, the document with the same source key gone,
   * store version up. False when the document was removed or cancelled meanwhile: nothing is written then. Throws
   * `limit_reached` where the tenant would have more chunks than the cap allows, `SpacesChanged`.
   */
  index(
    transaction: Transaction,
    document: IndexedDocument,
    caps?: Pick<Caps, 'chunks'>,
  ): Promise<{ readonly indexed: boolean; readonly orphans: readonly string[] }>
  fail(
    transaction: Transaction,
    document: { readonly vectorStoreId: string; readonly fileId: string },
    error: { readonly code: ErrorCode; readonly message: string },
  ): Promise<void>
  /** Running documents of the store (of one batch, if named) become `cancelled`. Says how many. */
  cancel(transaction: Transaction, vectorStoreId: string, batchId: string | null): Promise<number>
  /** One running document becomes `cancelled`. */
  cancelOne(
    transaction: Transaction,
    document: { readonly vectorStoreId: string; readonly fileId: string },
  ): Promise<void>
  /** A failed or cancelled document is in progress again. False where there is no such one. */
  reopen(
    transaction: Transaction,
    document: { readonly vectorStoreId: string; readonly fileId: string },
  ): Promise<boolean>
  /** Takes the file out of the store; the file stays. */
  remove(
    transaction: Transaction,
    vectorStoreId: string,
    fileId: string,
  ): Promise<{ readonly orphans: readonly string[] } | null>
  progress(
    transaction: Transaction,
    vectorStoreId: string,
    batchId: string | null,
  ): Promise<IngestProgress>
}

/** Embeddings by model and SHA-256 (hex) of what was embedded; entries untouched for seven days go. */
export interface EmbeddingCache {
  get(
    transaction: Transaction,
    model: string,
    hashes: readonly string[],
  ): Promise<ReadonlyMap<string, Float32Array>>
  put(
    transaction: Transaction,
    model: string,
    entries: ReadonlyMap<string, Float32Array>,
  ): Promise<void>
}
