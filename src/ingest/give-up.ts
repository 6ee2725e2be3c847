import { jobErrorOf } from '../core/job.ts'
import type { Database } from '../core/ports/database.ts'
import type { Documents } from '../core/ports/documents.ts'
import type { Attempt, IngestJob, JobOutcome } from '../core/ports/queue.ts'
import type { Signals } from '../core/ports/signals.ts'
import type { IngestEvent } from './ingest-event.ts'

/** Writes on the document why its last attempt failed, and ends the job. */
export type GiveUp = (
  job: IngestJob,
  error: unknown,
  attempt: Pick<Attempt, 'bury'>,
) => Promise<JobOutcome>

export function createGiveUp(deps: {
  readonly database: Database
  readonly documents: Documents
  readonly signals?: Pick<Signals, 'announce'>
  readonly onEvent?: (event: IngestEvent) => void
}): GiveUp {
  return async (job, error, attempt) => {
    const reason = reasonFor(error)
    const bytes = await deps.database.transact(job.tenantId, async (transaction) => {
      const record = await deps.documents.get(transaction, job.vectorStoreId, job.fileId)
      if (record?.status !== 'in_progress') return null
      await attempt.bury(transaction, reason)
      await deps.documents.fail(transaction, job, reason)
      deps.signals?.announce(transaction, { type: 'document-changed', ...job })
      return record.fileBytes
    })
    if (bytes === null) return 'withdrawn'
    deps.onEvent?.({ type: 'document-failed', ...job, ...reason, bytes, seconds: 0 })
    return 'settled'
  }
}

function reasonFor(error: unknown): ReturnType<typeof jobErrorOf> {
  const { code, message } = jobErrorOf(error, 'worked on this file')
  return {
    code,
    message: `${message} Every attempt failed. When this is mended, replay the job, or remove the file from the vector store and add it again.`,
  }
}
