import { AppError, type ErrorCode } from '../core/errors.ts'
import type { JobHandler } from '../core/ports/queue.ts'
import type { GiveUp } from '../ingest/give-up.ts'
import type { Ingest } from '../ingest/pipeline.ts'
import type { TenantDirectory } from '../tenancy/tenant-directory.ts'

/** Nine attempts over about twenty minutes: an embedding service that restarts costs no document. */
export const ingestDocument = {
  name: 'ingest-document',
  retryLimit: 8,
  retryDelaySeconds: 5,
  retryDelayMaxSeconds: 600,
} as const

/** Works on one document of a tenant that is served. When the last attempt has failed, the document says so too, and the job is kept with the reason. */
export function handleIngestDocument(deps: {
  readonly ingest: Ingest
  readonly giveUp: GiveUp
  readonly tenantDirectory: Pick<TenantDirectory, 'requireActive'>
}): JobHandler {
  return async (job, signal, attempt) => {
    try {
      await deps.tenantDirectory.requireActive(job.tenantId)
    } catch (error) {
      // Of a tenant that was erased nothing is left to work on.
      if (isRefusal(error, 'unauthenticated')) return
      throw error
    }
    try {
      if (attempt.exhausted)
        throw new Error('Every attempt was cut short by the end of its worker.')
      await deps.ingest(job, signal)
    } catch (error) {
      const isOver = attempt.last && !isRefusal(error, 'tenant_suspended')
      if (isOver && !signal.aborted) await deps.giveUp(job, error)
      throw error
    }
  }
}

const isRefusal = (error: unknown, code: ErrorCode) =>
  error instanceof AppError && error.code === code
