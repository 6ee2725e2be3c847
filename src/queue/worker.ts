import { setTimeout as sleep } from 'node:timers/promises'
import { JobLost } from '../core/job.ts'
import { createRunJob, type RunDeps } from './run-job.ts'
import type { ClaimedJob } from './job-row.ts'
import { createRest } from './rest.ts'
import type { WorkerCard, WorkerTable } from './worker-table.ts'

/** Slots that work on the same kinds of jobs. They rest apart from others, who could do nothing with what wakes them. */
export interface Line {
  readonly claim: () => Promise<ClaimedJob | null>
  readonly slots: number
}

export interface WorkerDeps extends Pick<RunDeps, 'handlings' | 'onEvent' | 'table'> {
  readonly card: WorkerCard
  readonly lines: readonly Line[]
  readonly workers: WorkerTable
  /** Whether other processes may take this one's jobs when it is not heard of. */
  readonly isAmongOthers: boolean
  /** What goes wrong between jobs: a claim that failed, a settlement that did not arrive. */
  readonly onError: (error: Error) => void
}

export interface Worker {
  /** There may be something to do. */
  wake(): void
  /** The job is no longer to be done. */
  drop(jobId: string): void
  /** Tells running jobs to stop and waits for them at most so long; all not completed by then are handed back. */
  stop(options: { readonly timeoutMs: number }): Promise<void>
}

const POLL_MS = 1_000
export const BEAT_MS = 3_000
/** Five beats missed: with the next poll for it a dead worker's job is taken up within 20 seconds. */
export const SILENT_SECONDS = 15
/** Before others may believe so: a worker that cannot reach the database lets its jobs go. */
const ALONE_MS = 11_000

/** Works on so many jobs at once until it is stopped. */
export function startWorker(deps: WorkerDeps): Worker {
  const { card, table, workers, isAmongOthers, onError } = deps
  const stopping = new AbortController()
  const ended = new AbortController()
  const running = new Map<
    string,
    { readonly claimed: ClaimedJob; readonly lost: AbortController }
  >()
  const lines = deps.lines.map((line) => ({ ...line, rest: createRest() }))
  let heard = performance.now()
  let troubled = Number.NEGATIVE_INFINITY
  let beating: Promise<void> | null = null

  const run = createRunJob({ ...deps, stopping: stopping.signal, insist })
  const slots = lines.flatMap((line) => Array.from({ length: line.slots }, () => work(line)))
  const poll = setInterval(wake, POLL_MS)
  const pulse = setInterval(() => {
    if (isAmongOthers && performance.now() - heard > ALONE_MS) dropAll()
    beating ??= beat().finally(() => {
      beating = null
    })
  }, BEAT_MS)
  beating = beat().finally(() => {
    beating = null
  })

  return {
    wake,
    drop: (jobId) => running.get(jobId)?.lost.abort(new JobLost()),
    async stop({ timeoutMs }) {
      clearInterval(poll)
      stopping.abort(new Error('The worker stops.'))
      for (const { rest } of lines) rest.end()
      const idle = Promise.all(slots)
      const timeUp = new AbortController()
      await Promise.race([
        idle,
        sleep(timeoutMs, undefined, { signal: timeUp.signal }).catch(() => undefined),
      ])
      timeUp.abort()
      clearInterval(pulse)
      ended.abort()
      const left = [...running.values()].map(({ claimed }) => table.handBack(claimed))
      await Promise.allSettled([...left, beating])
      await workers.leave(card.id).catch(tell)
    },
  }

  function wake(): void {
    for (const { rest } of lines) rest.wake()
  }

  async function work({ claim, rest }: (typeof lines)[number]): Promise<void> {
    while (!stopping.signal.aborted) {
      const claimed = await claim().catch((error: unknown) => {
        tell(error)
        return null
      })
      if (claimed === null) {
        await rest.untilWoken()
        continue
      }
      // Where there was one there may be more.
      rest.wake()
      const lost = new AbortController()
      running.set(claimed.id, { claimed, lost })
      await run(claimed, lost.signal)
      running.delete(claimed.id)
    }
  }

  async function beat(): Promise<void> {
    try {
      const jobs = [...running.values()].map(({ claimed }) => claimed)
      const gone = await workers.beat(card, { jobs, stopping: stopping.signal.aborted })
      heard = performance.now()
      for (const claimed of jobs.filter(({ id }) => gone.has(id))) {
        const now = running.get(claimed.id)
        // Since the question was sent it may have ended here, and have begun anew.
        if (now?.claimed === claimed) now.lost.abort(new JobLost())
      }
      // After an outage everybody's jobs look abandoned: others are given the time to say that they live.
      const isSteady = performance.now() - troubled > SILENT_SECONDS * 1000
      if (isAmongOthers && isSteady && (await workers.reclaim(SILENT_SECONDS)) > 0) wake()
    } catch (error) {
      troubled = performance.now()
      tell(error)
    }
  }

  function dropAll(): void {
    for (const { lost } of running.values()) lost.abort(new JobLost())
  }

  async function insist(settlement: () => Promise<unknown>): Promise<void> {
    for (let attempt = 0; !ended.signal.aborted; attempt += 1) {
      try {
        await settlement()
        return
      } catch (error) {
        tell(error)
        const pause = Math.min(5_000, 100 * 2 ** attempt)
        await sleep(pause, undefined, { signal: ended.signal }).catch(() => undefined)
      }
    }
  }

  function tell(error: unknown): void {
    onError(error instanceof Error ? error : new Error(String(error)))
  }
}
