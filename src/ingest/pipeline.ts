import type { CapsOf } from '../core/caps.ts'
import type { AppError } from '../core/errors.ts'
import type { BlobStore } from '../core/ports/blob-store.ts'
import type { Database, Transaction } from '../core/ports/database.ts'
import type { DocumentRecord, Documents, EmbeddingCache } from '../core/ports/documents.ts'
import type { EmbeddingModel } from '../core/ports/embedding-model.ts'
import type { IngestJob } from '../core/ports/queue.ts'
import { embedChunks, type EmbedDeps } from './embed/embed-chunks.ts'
import { isFileFault } from './file-fault.ts'
import { indexDocument } from './index/index-document.ts'
import type { IngestEvent } from './ingest-event.ts'
import { createProgress } from './progress.ts'
import type { Progress } from './progress.ts'
import type { Reader, ReadResult } from './reader.ts'
import { isStillWanted, loadSource } from './source/load-source.ts'
import { Withdrawn } from './withdrawn.ts'

export interface IngestDeps extends Pick<EmbedDeps, 'budgetsOf' | 'spending'> {
  readonly database: Database
  readonly documents: Documents
  readonly embeddingCache: EmbeddingCache
  readonly blobs: BlobStore
  readonly reader: Pick<Reader, 'read'>
  /** Null indexes words alone. */
  readonly embedder: EmbeddingModel | null
  readonly capsOf: CapsOf
  readonly onEvent?: (event: IngestEvent) => void
}

/**
 * Works one document through: source → parse → chunk → embed → index.
 * A fault of the file's own is written on its document and is no error. Everything else is thrown, for another attempt.
 */
export type Ingest = (job: IngestJob, signal: AbortSignal) => Promise<void>

export function createIngest(deps: IngestDeps): Ingest {
  return async (job, signal) => {
    const source = await loadSource(deps, job)
    if (source === null) return
    const { record } = source
    const progress = createProgress(deps, { job, record, isWanted })
    try {
      await progress.begin('parse')
      const { filename, chunkSize } = record
      // Reading is parsing and chunking, in one thread.
      const read = await deps.reader.read({ bytes: source.bytes, filename, chunkSize }, signal)
      await progress.begin('embed', { chunkCount: read.chunks.length, chunksEmbedded: 0 })
      const vectors = await embed(job, { read, progress }, signal)
      await progress.begin('index')
      const request = {
        job,
        ...read,
        vectors,
        isWanted: (within: Transaction) => isWanted(within, job, record),
      }
      if (await indexDocument(deps, request, signal)) progress.indexed(read.chunks.length)
    } catch (error) {
      if (error instanceof Withdrawn) return
      if (!isFileFault(error)) throw error
      await fail(job, record, error)
      progress.failed(error)
    }
  }

  async function embed(
    { tenantId }: IngestJob,
    { read, progress }: { read: ReadResult; progress: Progress },
    signal: AbortSignal,
  ): Promise<readonly Float32Array[] | null> {
    const { embedder } = deps
    if (embedder === null) return null
    const request = { tenantId, chunks: read.chunks, onProgress: progress.onEmbedded }
    return embedChunks({ ...deps, embedder }, request, signal)
  }

  async function isWanted(
    within: Transaction,
    job: IngestJob,
    record: DocumentRecord,
  ): Promise<boolean> {
    return isStillWanted(await deps.documents.get(within, job.vectorStoreId, job.fileId), record)
  }

  async function fail(job: IngestJob, record: DocumentRecord, error: AppError): Promise<void> {
    await deps.database.transact(job.tenantId, async (within) => {
      if (await isWanted(within, job, record)) await deps.documents.fail(within, job, error)
    })
  }
}
