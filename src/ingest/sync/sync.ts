import type { Attempt, JobOutcome, SyncJob } from '../../core/ports/queue.ts'
import { conclude, fail } from './conclude.ts'
import { letGo } from './let-go.ts'
import { openSync } from './open-sync.ts'
import { readKnown } from './read-known.ts'
import { createReport } from './report.ts'
import type { SyncDeps } from './sync-deps.ts'
import { takeIn } from './take-in.ts'
import { isFinal } from './verdict.ts'

/**
 * Brings a vector store in step with a source: list → compare → read → submit → let go → conclude.
 * What was done stays done: a sync that is taken up again finds it known, and does not do it twice.
 */
export type Sync = (
  job: SyncJob,
  signal: AbortSignal,
  attempt: Pick<Attempt, 'bury' | 'complete' | 'endsWith' | 'exhausted'>,
) => Promise<JobOutcome>

export function createSync(deps: SyncDeps): Sync {
  return async (job, signal, attempt) => {
    try {
      if (attempt.exhausted)
        throw new Error('Every attempt was cut short by the end of its worker.')
      const running = await openSync(deps, job)
      if (running === null) return 'withdrawn'
      try {
        const known = await readKnown(deps, running)
        const report = createReport(deps, running)
        const seen = await takeIn(deps, { running, known, report }, signal)
        const end = await letGo(deps, { running, known, seen, report }, signal)
        await report.flush()
        return await conclude(deps, { running, seen, report, end }, attempt)
      } finally {
        await running.source.close()
      }
    } catch (error) {
      if (signal.aborted || !(isFinal(error) || attempt.endsWith(error))) throw error
      return fail(deps, { job, error }, attempt)
    }
  }
}
