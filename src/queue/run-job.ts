import { AppError } from '../core/errors.ts'
import { jobErrorOf, JobLost } from '../core/job.ts'
import type { Attempt, JobHandler, JobOutcome, TenantJob } from '../core/ports/queue.ts'
import type { JobDefinition } from './job-definition.ts'
import type { JobEvent, JobFate } from './job-event.ts'
import { failuresOf, withFailure, type ClaimedJob } from './job-row.ts'
import type { JobTable } from './job-table.ts'
import { sendWithin } from './send-within.ts'

export interface Handling {
  readonly definition: JobDefinition
  /** Jobs of this kind at once beside all others, which then wait for none of them; absent is among the others. */
  readonly slots?: number
  readonly handle: JobHandler<TenantJob>
}

export interface RunDeps {
  readonly table: JobTable
  readonly handlings: ReadonlyMap<string, Handling>
  /** Aborted when this process stops: what is left then is handed back. */
  readonly stopping: AbortSignal
  /** Does it until it is done, whatever becomes of the database meanwhile. */
  readonly insist: (settlement: () => Promise<unknown>) => Promise<void>
  readonly onEvent: (event: JobEvent) => void
}

/** What a provider asks to be waited for is waited for, uncounted; but not for ever. */
const PATIENCE_MS = 24 * 3600_000
const LONGEST_WAIT_SECONDS = 3600
/** For a database that is just coming back. */
const AFTER_OUTAGE_SECONDS = 1

/** Works one claimed job through and says in the table what became of it. Never rejects. */
export function createRunJob(
  deps: RunDeps,
): (claimed: ClaimedJob, lost: AbortSignal) => Promise<void> {
  const { table, handlings, stopping, insist } = deps

  return async (claimed, lost) => {
    const handling = handlings.get(claimed.name)
    if (handling === undefined || stopping.aborted) return insist(() => table.handBack(claimed))
    const started = performance.now()
    let settled: JobFate = 'completed'
    const tell = (type: JobEvent['type'], more: Partial<JobEvent> = {}): void =>
      deps.onEvent({
        type,
        jobId: claimed.id,
        kind: claimed.name,
        tenantId: claimed.data.tenantId,
        attempt: failuresOf(claimed) + 1,
        seconds: (performance.now() - started) / 1000,
        ...more,
      })
    tell('job-begun')
    const attempt = attemptAt(claimed, {
      lost,
      settle: (fate) => {
        settled = fate
      },
    })
    try {
      const signal = AbortSignal.any([lost, stopping])
      const outcome = await handling.handle(claimed.data, signal, attempt)
      tell(`job-${await conclude(claimed, outcome, settled)}`)
    } catch (error) {
      const fate = await fail(handling.definition, { claimed, error, lost })
      tell(`job-${fate}`, { error, code: jobErrorOf(error).code })
    }
  }

  function attemptAt(
    claimed: ClaimedJob,
    { lost, settle }: { readonly lost: AbortSignal; readonly settle: (fate: JobFate) => void },
  ): Attempt {
    const last = claimed.retryCount >= claimed.retryLimit
    return {
      number: failuresOf(claimed) + 1,
      last,
      endsWith: (error) =>
        last &&
        !lost.aborted &&
        !stopping.aborted &&
        !(error instanceof JobLost) &&
        !isOneOf(error, ['tenant_suspended']) &&
        waitFor(error, claimed) === null,
      exhausted: claimed.retryCount > claimed.retryLimit,
      async complete(transaction) {
        settle('completed')
        if (!(await table.complete(claimed, sendWithin(transaction)))) throw new JobLost()
      },
      async bury(transaction, error) {
        settle('buried')
        const history = withFailure(claimed, error)
        if (!(await table.bury(claimed, history, sendWithin(transaction)))) throw new JobLost()
      },
    }
  }

  async function conclude(
    claimed: ClaimedJob,
    outcome: JobOutcome | void,
    settled: JobFate,
  ): Promise<JobFate> {
    if (outcome === 'settled') return settled
    if (outcome === 'withdrawn') {
      await insist(() => table.withdraw(claimed))
      return 'withdrawn'
    }
    await insist(() => table.complete(claimed))
    return 'completed'
  }

  async function fail(
    definition: JobDefinition,
    failed: { readonly claimed: ClaimedJob; readonly error: unknown; readonly lost: AbortSignal },
  ): Promise<JobFate> {
    const { claimed, error, lost } = failed
    // Of a job that was taken away or cancelled, nothing is left to hand back: this then changes nothing.
    if (lost.aborted || error instanceof JobLost) return handBack(claimed, 'lost')
    if (stopping.aborted) return handBack(claimed, 'handed-back')
    if (isOneOf(error, ['tenant_suspended'])) return park(claimed)
    const wait = waitFor(error, claimed)
    if (wait !== null) {
      await insist(() => table.defer(claimed, wait))
      return 'deferred'
    }
    const history = withFailure(claimed, jobErrorOf(error))
    if (claimed.retryCount >= claimed.retryLimit) {
      await insist(() => table.bury(claimed, history))
      return 'buried'
    }
    const seconds = pauseBefore(definition, failuresOf(claimed) + 1)
    await insist(() => table.retry(claimed, { history, seconds }))
    return 'retried'
  }

  async function handBack(claimed: ClaimedJob, fate: JobFate): Promise<JobFate> {
    await insist(() => table.handBack(claimed))
    return fate
  }

  async function park(claimed: ClaimedJob): Promise<JobFate> {
    let parked = false
    await insist(async () => {
      parked = await table.park(claimed)
    })
    return parked ? 'parked' : handBack(claimed, 'handed-back')
  }
}

/** Seconds after which the same attempt may be made once more, uncounted; null where it has failed. */
function waitFor(error: unknown, { createdOn }: ClaimedJob): number | null {
  if (isOneOf(error, ['database_unavailable', 'shutting_down'])) return AFTER_OUTAGE_SECONDS
  if (!isOneOf(error, ['conflict', 'provider_unavailable', 'rate_limited'])) return null
  const { retryAfterMs } = error
  if (retryAfterMs === undefined || Date.now() - createdOn.getTime() > PATIENCE_MS) return null
  // Spread, or all that were refused come back at one moment.
  return Math.min(LONGEST_WAIT_SECONDS, (retryAfterMs / 1000) * (1 + Math.random() / 4))
}

/** Doubled after each failure, and no two jobs the same. */
function pauseBefore(definition: JobDefinition, failures: number): number {
  const { retryDelaySeconds, retryDelayMaxSeconds } = definition
  const whole = Math.min(retryDelayMaxSeconds, retryDelaySeconds * 2 ** (failures - 1))
  return whole * (0.5 + Math.random() / 2)
}

function isOneOf(error: unknown, codes: readonly string[]): error is AppError {
  return error instanceof AppError && codes.includes(error.code)
}
