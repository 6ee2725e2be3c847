import { AppError, type ErrorCode } from '../core/errors.ts'
import type { IngestJob, JobHandler } from '../core/ports/queue.ts'
import type { GiveUp } from '../ingest/give-up.ts'
import type { Ingest } from '../ingest/pipeline.ts'
import type { TenantDirectory } from '../tenancy/tenant-directory.ts'

/** Nine attempts over about twenty minutes: an embedding service that restarts costs no document. */
export const ingestDocument = {
  name: 'ingest-document',
  keyOf: ({ tenantId, vectorStoreId, fileId }: IngestJob) =>
    `${tenantId}/${vectorStoreId}/${fileId}`,
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
      if (isRefusal(error, 'unauthenticated')) return 'withdrawn'
      throw error
    }
    try {
      if (attempt.exhausted)
        throw new AppError(
          'worker_lost',
          'Its workers ended, or lost the database, in the middle of the work: the file may need more memory than they have.',
        )
      return await deps.ingest(job, signal, attempt)
    } catch (error) {
      if (!attempt.endsWith(error)) throw error
      return deps.giveUp(job, error, attempt)
    }
  }
}

const isRefusal = (error: unknown, code: ErrorCode) =>
  error instanceof AppError && error.code === code
