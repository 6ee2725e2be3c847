import type { JobHandler } from '../core/ports/queue.ts'
import type { GiveUp } from '../ingest/give-up.ts'
import type { Ingest } from '../ingest/pipeline.ts'

/** Nine attempts over about twenty minutes: an embedding service that restarts costs no document. */
export const ingestDocument = {
  name: 'ingest-document',
  retryLimit: 8,
  retryDelaySeconds: 5,
  retryDelayMaxSeconds: 600,
} as const

/** Works on one document. When the last attempt has failed, the document says so too, and the job is kept with the reason. */
export function handleIngestDocument(deps: {
  readonly ingest: Ingest
  readonly giveUp: GiveUp
}): JobHandler {
  return async (job, signal, attempt) => {
    try {
      if (attempt.exhausted)
        throw new Error('Every attempt was cut short by the end of its worker.')
      await deps.ingest(job, signal)
    } catch (error) {
      if (attempt.last && !signal.aborted) await deps.giveUp(job, error)
      throw error
    }
  }
}
