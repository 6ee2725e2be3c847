import { AppError } from '../core/errors.ts'
import type { JobHandler, SyncJob } from '../core/ports/queue.ts'
import type { Sync } from '../ingest/sync/sync.ts'
import type { TenantDirectory } from '../tenancy/tenant-directory.ts'

/** One at a time of a source. Nine attempts, as a long one may lose its worker more than once. */
export const syncSource = {
  name: 'sync-source',
  keyOf: ({ tenantId, sourceId }: SyncJob) => `${tenantId}/${sourceId}`,
  retryLimit: 8,
  retryDelaySeconds: 10,
  retryDelayMaxSeconds: 300,
} as const

export function handleSyncSource(deps: {
  readonly sync: Sync
  readonly tenantDirectory: Pick<TenantDirectory, 'requireActive'>
}): JobHandler<SyncJob> {
  return async (job, signal, attempt) => {
    try {
      await deps.tenantDirectory.requireActive(job.tenantId)
    } catch (error) {
      // Of a tenant that was erased nothing is left to look at.
      if (error instanceof AppError && error.code === 'unauthenticated') return 'withdrawn'
      throw error
    }
    return deps.sync(job, signal, attempt)
  }
}
