import type { CapsOf } from '../core/caps.ts'
import type { AppError } from '../core/errors.ts'
import type { BlobStore } from '../core/ports/blob-store.ts'
import type { Chunks } from '../core/ports/chunks.ts'
import type { Database, Transaction } from '../core/ports/database.ts'
import type { DocumentRecord, Documents, EmbeddingCache } from '../core/ports/documents.ts'
import type { Attempt, IngestJob, JobOutcome } from '../core/ports/queue.ts'
import type { Signals } from '../core/ports/signals.ts'
import type { WriteModels } from '../core/ports/write-models.ts'
import { carryChanges } from './chunk/carry-changes.ts'
import type { EmbedDeps } from './embed/embed-chunks.ts'
import { embedEverywhere } from './embed/embed-everywhere.ts'
import { isFileFault } from './file-fault.ts'
import { indexDocument } from './index/index-document.ts'
import type { IngestEvent } from './ingest-event.ts'
import { createProgress } from './progress.ts'
import type { Reader } from './reader.ts'
import { isStillWanted, loadContent, loadRecord } from './source/load-document.ts'
import { Withdrawn } from './withdrawn.ts'

export interface IngestDeps extends Pick<EmbedDeps, 'budgetsOf' | 'spending'> {
  readonly database: Database
  readonly documents: Documents
  readonly chunks: Pick<Chunks, 'changes'>
  readonly embeddingCache: EmbeddingCache
  readonly blobs: BlobStore
  readonly reader: Pick<Reader, 'read'>
  /** None indexes words alone. */
  readonly writeModels: WriteModels
  readonly capsOf: CapsOf
  readonly signals?: Pick<Signals, 'announce'>
  readonly onEvent?: (event: IngestEvent) => void
  /** At least so long between two writes of progress within a stage. */
  readonly writeEveryMs?: number
}

/**
 * Works one document through: source → parse → chunk → embed → index.
 * A fault of the file's own is written on its document and is no error. Everything else is thrown, for another attempt.
 * Whatever is written at the end is written together with the end of the attempt.
 */
export type Ingest = (
  job: IngestJob,
  signal: AbortSignal,
  attempt: Pick<Attempt, 'bury' | 'complete'>,
) => Promise<JobOutcome>

export function createIngest(deps: IngestDeps): Ingest {
  return async (job, signal, attempt) => {
    const record = await loadRecord(deps, job)
    if (record === null) return 'withdrawn'
    const progress = createProgress(deps, { job, record, isWanted })
    try {
      await progress.begin('parse')
      const bytes = await loadContent(deps.blobs, job, record)
      const { filename, chunkSize } = record
      // Reading is parsing and chunking, in one thread.
      const parsed = await progress.reading((onProgress) =>
        deps.reader.read({ bytes, filename, chunkSize, onProgress }, signal),
      )
      const changes = await deps.database.transact(job.tenantId, (within) =>
        deps.chunks.changes(within, job),
      )
      const { chunks, dropped } = carryChanges(parsed.chunks, changes)
      const read = { ...parsed, chunks }
      await progress.begin('embed', {
        pages: read.document.pages.length,
        pagesDone: read.document.pages.length,
        chunkCount: read.chunks.length,
        chunksEmbedded: 0,
      })
      const embedding = { ...job, chunks: read.chunks, onProgress: progress.onEmbedded }
      const vectors = await embedEverywhere(deps, embedding, signal)
      await progress.begin('index')
      const request = {
        job,
        ...read,
        vectors,
        changes,
        async isWanted(within: Transaction) {
          if (!(await isWanted(within, job, record))) return false
          await attempt.complete(within)
          deps.signals?.announce(within, { type: 'document-changed', ...job })
          return true
        },
      }
      if (!(await indexDocument(deps, request, signal))) return 'withdrawn'
      progress.indexed(read.chunks.length, dropped)
      return 'settled'
    } catch (error) {
      if (error instanceof Withdrawn) return 'withdrawn'
      if (!isFileFault(error)) throw error
      if (!(await fail(job, record, { error, attempt }))) return 'withdrawn'
      progress.failed(error)
      return 'settled'
    }
  }

  async function isWanted(
    within: Transaction,
    job: IngestJob,
    record: DocumentRecord,
  ): Promise<boolean> {
    return isStillWanted(await deps.documents.get(within, job.vectorStoreId, job.fileId), record)
  }

  async function fail(
    job: IngestJob,
    record: DocumentRecord,
    failed: { readonly error: AppError; readonly attempt: Pick<Attempt, 'bury'> },
  ): Promise<boolean> {
    const { error, attempt } = failed
    return deps.database.transact(job.tenantId, async (within) => {
      if (!(await isWanted(within, job, record))) return false
      await attempt.bury(within, error)
      await deps.documents.fail(within, job, error)
      deps.signals?.announce(within, { type: 'document-changed', ...job })
      return true
    })
  }
}
