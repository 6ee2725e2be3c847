import type { AppError } from '../core/errors.ts'
import type { Database, Transaction } from '../core/ports/database.ts'
import type { DocumentRecord, Documents, IngestStage } from '../core/ports/documents.ts'
import type { IngestJob } from '../core/ports/queue.ts'
import type { Signals } from '../core/ports/signals.ts'
import type { EmbedProgress } from './embed/embed-chunks.ts'
import type { IngestEvent } from './ingest-event.ts'
import type { ReadProgress } from './read-progress.ts'
import { Withdrawn } from './withdrawn.ts'

/** Each write is a transaction, which on PGlite all others wait for. */
const WRITE_EVERY_MS = 1000
const MANY_CHUNKS = 500

/** Tells the document's row, and whoever listens, how far the work is. Beginning and embedding throw `Withdrawn`. */
export interface Progress {
  begin(stage: IngestStage, counts?: Counts): Promise<void>
  /**
   * Writes down what is told while a file is read. What goes wrong with that is thrown where the next stage begins; when
   * this returns, nothing of it is being written any longer.
   */
  reading<Result>(
    read: (tell: (progress: ReadProgress) => void) => Promise<Result>,
  ): Promise<Result>
  readonly onEmbedded: (progress: EmbedProgress) => Promise<void>
  /** `dropped` changes of chunks found none with the text that they were of. */
  indexed(chunks: number, dropped: number): void
  failed(error: AppError): void
}

interface Counts {
  readonly stageDone?: number
  readonly pages?: number
  readonly pagesDone?: number
  readonly chunkCount?: number
  readonly chunksEmbedded?: number
}

interface ProgressDeps {
  readonly database: Database
  readonly documents: Documents
  readonly signals?: Pick<Signals, 'announce'>
  readonly onEvent?: (event: IngestEvent) => void
  /** At least so long between two writes within a stage. */
  readonly writeEveryMs?: number
}

interface Work {
  readonly job: IngestJob
  readonly record: DocumentRecord
  readonly isWanted: (
    within: Transaction,
    job: IngestJob,
    record: DocumentRecord,
  ) => Promise<boolean>
}

/** The clock starts now. */
export function createProgress(deps: ProgressDeps, { job, record, isWanted }: Work): Progress {
  const { writeEveryMs = WRITE_EVERY_MS } = deps
  const started = performance.now()
  let written = 0
  let chunks = 0
  let shown: IngestStage = 'queued'
  let writing: Promise<void> | null = null
  const failures: unknown[] = []
  const about = (): IngestJob & { bytes: number; seconds: number } => ({
    ...job,
    bytes: record.fileBytes,
    seconds: (performance.now() - started) / 1000,
  })
  return {
    async begin(stage, counts = {}) {
      await writing
      if (failures.length > 0) throw failures[0]
      chunks = counts.chunkCount ?? chunks
      // A small document is indexed before anybody could look.
      const isLong = chunks >= MANY_CHUNKS || performance.now() - written >= writeEveryMs
      if (stage !== 'index' || isLong) await write(stage, counts)
      deps.onEvent?.({ type: 'stage-started', stage, ...about() })
    },
    async reading(read) {
      try {
        return await read(onRead)
      } finally {
        await writing
      }
    },
    async onEmbedded({ embedded, cached }) {
      if (performance.now() - written >= writeEveryMs)
        await write('embed', { chunksEmbedded: embedded })
      deps.onEvent?.({ type: 'chunks-embedded', chunks, embedded, cached, ...about() })
    },
    indexed(count, dropped) {
      const lost = dropped === 0 ? {} : { droppedChanges: dropped }
      deps.onEvent?.({ type: 'document-indexed', chunks: count, ...lost, ...about() })
    },
    failed({ code, message }) {
      deps.onEvent?.({ type: 'document-failed', code, message, ...about() })
    },
  }

  function onRead({ stage, done, pages }: ReadProgress): void {
    const isNews = stage !== shown && performance.now() - started >= writeEveryMs
    const isDue = isNews || performance.now() - written >= writeEveryMs
    const saysNothing = done === null && stage === shown
    if (writing !== null || !isDue || saysNothing) return
    writing = write(stage, { ...(done === null ? {} : { stageDone: done }), ...pagesOf(pages) })
      .catch((error: unknown) => void failures.push(error))
      .finally(() => {
        writing = null
      })
  }

  async function write(stage: IngestStage, counts: Counts): Promise<void> {
    await deps.database.transact(job.tenantId, async (within) => {
      if (!(await isWanted(within, job, record))) throw new Withdrawn()
      await deps.documents.setProgress(within, job, { stage, ...counts })
      deps.signals?.announce(within, { type: 'document-changed', ...job })
    })
    written = performance.now()
    shown = stage
  }
}

function pagesOf(pages: ReadProgress['pages']): Counts {
  return pages === null ? {} : { pages: pages.total, pagesDone: pages.done }
}
