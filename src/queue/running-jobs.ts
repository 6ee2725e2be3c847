import { setTimeout as sleep } from 'node:timers/promises'
import type { JobWithMetadata } from 'pg-boss'
import { AppError } from '../core/errors.ts'
import type { IngestJob, JobHandler } from '../core/ports/queue.ts'
import type { JobTable } from './job-table.ts'

const isSuspension = (error: unknown) =>
  error instanceof AppError && error.code === 'tenant_suspended'

type ClaimedJob = JobWithMetadata<IngestJob>

/** The jobs this process works on, so that stopping it can give them back. */
export interface RunningJobs {
  /** False when the job was handed back or put aside, unfinished; throws when the attempt failed. */
  run(claimed: ClaimedJob, handler: JobHandler): Promise<boolean>
  /** Aborts all; after `idle` or the time, whichever is first, hands back what is left. */
  stop(idle: Promise<void>, timeoutMs: number): Promise<void>
}

/** One process, one of these. */
export function createRunningJobs(table: JobTable): RunningJobs {
  const jobs = new Set<ClaimedJob>()
  const stopping = new AbortController()

  return {
    // The database leaves out what has an active job of its group, but two polls at the same moment do not see each
    // other. Two processes that still claim two jobs of one document at once both do the work, and one result is kept.
    async run(claimed, handler) {
      const isSecond = [...jobs].some(({ groupId }) => groupId === claimed.groupId)
      if (isSecond || stopping.signal.aborted) return handBack(claimed)
      jobs.add(claimed)
      try {
        await attempt(claimed, handler)
        return true
      } catch (error) {
        if (stopping.signal.aborted) return await handBack(claimed)
        if (!isSuspension(error)) throw error
        return (await park(claimed)) ? false : await handBack(claimed)
      } finally {
        jobs.delete(claimed)
      }
    },
    async stop(idle, timeoutMs) {
      stopping.abort(new Error('The worker stops.'))
      const timeUp = new AbortController()
      await Promise.race([
        idle,
        sleep(timeoutMs, undefined, { signal: timeUp.signal }).catch(() => undefined),
      ])
      timeUp.abort()
      await Promise.all([...jobs].map((job) => table.handBack(job)))
    },
  }

  function park({ id, retryCount, data: { tenantId } }: ClaimedJob): Promise<boolean> {
    return table.park({ id, retryCount, tenantId })
  }

  async function handBack(claimed: ClaimedJob): Promise<false> {
    await table.handBack(claimed)
    return false
  }

  async function attempt(claimed: ClaimedJob, handler: JobHandler): Promise<void> {
    await handler(claimed.data, AbortSignal.any([claimed.signal, stopping.signal]), {
      number: claimed.retryCount + 1,
      last: claimed.retryCount >= claimed.retryLimit,
      exhausted: claimed.retryCount > claimed.retryLimit,
    })
  }
}
