import { PgBoss } from 'pg-boss'
import type { JobWithMetadata, WorkOptions } from 'pg-boss'
import type { IngestJob, JobHandler, Queue, TenantJobs } from '../core/ports/queue.ts'
import type { ExecuteSql } from './execute-sql.ts'
import { createJobTable } from './job-table.ts'
import type { JobCounts } from './job-table.ts'
import { createRunningJobs } from './running-jobs.ts'
import { sendWithin } from './send-within.ts'
import { createTenantJobs } from './tenant-jobs.ts'

/** How a kind of job is named and retried. */
export interface JobDefinition {
  readonly name: string
  /** Attempts after the first. */
  readonly retryLimit: number
  /** Before the second attempt; doubled for each further one, with some chance in it. */
  readonly retryDelaySeconds: number
  readonly retryDelayMaxSeconds: number
}

export interface JobQueue {
  readonly queue: Queue
  readonly tenantJobs: TenantJobs
  /** Makes or migrates the schema, takes up what a killed process left. To be called before anything else. */
  start(): Promise<void>
  work(handler: JobHandler, options: { readonly concurrency: number }): Promise<void>
  /** Tells running jobs to stop and waits for them at most so long; all not completed by then are handed back. */
  stop(options: { readonly timeoutMs: number }): Promise<void>
  counts(): Promise<JobCounts>
}

export interface QueueOptions {
  readonly executeSql: ExecuteSql
  readonly kind: 'pglite' | 'postgres'
  readonly job: JobDefinition
  /** What goes wrong between jobs: a poll that failed, a settlement that did not arrive. */
  readonly onError: (error: Error) => void
}

const SCHEMA = 'pgboss'
const POLL_SECONDS = 1
/** Long after a commit, and shortly after a slow one: a job sent by this process need not wait for a poll. */
const WAKE_AFTER_MS = [20, 200]
const HEARTBEAT_SECONDS = 5
/** Four heartbeats missed. With the poll for it a dead worker's job is taken up within 25 seconds. */
const SILENT_SECONDS = 20
/** The library's own limit is never meant to be reached: progress, not time, tells a long job from a dead one. */
const EXPIRE_SECONDS = 24 * 3600
const KEEP_SECONDS = 90 * 24 * 3600

/** Jobs in the same database as what they are about, by pg-boss. */
export async function createQueue(options: QueueOptions): Promise<JobQueue> {
  const { executeSql, kind, job, onError } = options
  const deadLetters = `${job.name}-dead`
  const boss = new PgBoss({
    db: { executeSql },
    backend: kind,
    schema: SCHEMA,
    schedule: false,
    supervise: true,
  })
  boss.on('error', onError)
  const table = createJobTable({ executeSql, schema: SCHEMA, name: job.name, deadLetters })
  const running = createRunningJobs(table)
  const workers: string[] = []
  const timers = new Set<NodeJS.Timeout>()

  const wakeAll = (): void => {
    for (const worker of workers) boss.notifyWorker(worker)
  }
  const tenantJobs = createTenantJobs({ executeSql, schema: SCHEMA })
  return {
    tenantJobs: {
      ...tenantJobs,
      async wake() {
        await table.wake()
        wakeAll()
      },
    },
    queue: {
      async send(transaction, ids) {
        await boss.send(job.name, ids, {
          db: { executeSql: sendWithin(transaction) },
          group: { id: keyOf(ids) },
        })
        for (const delay of WAKE_AFTER_MS) wakeAfter(delay)
      },
    },
    async start() {
      await boss.start()
      await ensureQueue(deadLetters, { retryLimit: 0 })
      await ensureQueue(job.name, {
        retryLimit: job.retryLimit,
        retryDelay: job.retryDelaySeconds,
        retryDelayMax: job.retryDelayMaxSeconds,
        retryBackoff: true,
        expireInSeconds: EXPIRE_SECONDS,
        deadLetter: deadLetters,
      })
      // Asking once warms the library's cache of queues: a cold one would be filled on another connection from inside
      // a caller's transaction, for which PGlite waits for ever.
      await boss.findJobs(job.name, { id: '00000000-0000-0000-0000-000000000000' })
      if (kind === 'pglite') await table.handBackAll()
    },
    async work(handler, { concurrency }) {
      for (let at = 0; at < concurrency; at++) workers.push(await startWorker(handler))
      if (kind === 'postgres') every(HEARTBEAT_SECONDS, () => table.reclaim(SILENT_SECONDS))
    },
    async stop({ timeoutMs }) {
      for (const timer of timers) clearInterval(timer)
      timers.clear()
      const idle = boss.offWork(job.name, { wait: true })
      await running.stop(idle, timeoutMs)
      await boss.stop({ graceful: false, close: false })
    },
    counts: () => table.counts(),
  }

  async function startWorker(handler: JobHandler): Promise<string> {
    const settings = {
      includeMetadata: true,
      batchSize: 1,
      pollingIntervalSeconds: POLL_SECONDS,
      // Two jobs of one document (taken out of a store and put back while the first runs) take turns.
      groupConcurrency: 1,
      ...(kind === 'postgres' ? { heartbeatRefreshSeconds: HEARTBEAT_SECONDS } : {}),
    } as const satisfies WorkOptions
    const worker: string = await boss.work<IngestJob, void, typeof settings>(
      job.name,
      settings,
      async ([claimed]: JobWithMetadata<IngestJob>[]) => {
        // Else a worker rests out its poll after every short job.
        if (claimed !== undefined && (await running.run(claimed, handler)))
          boss.notifyWorker(worker)
      },
    )
    return worker
  }

  async function ensureQueue(name: string, settings: QueueSettings): Promise<void> {
    const all = {
      ...settings,
      retentionSeconds: KEEP_SECONDS,
      // On PGlite one process is all there is; a long transaction there would only delay the beat of a live worker.
      ...(kind === 'postgres' ? { heartbeatSeconds: 4 * SILENT_SECONDS } : {}),
    }
    await boss.createQueue(name, all)
    await boss.updateQueue(name, all)
  }

  function wakeAfter(delay: number): void {
    const timer = setTimeout(() => {
      timers.delete(timer)
      wakeAll()
    }, delay)
    timers.add(timer)
  }

  function every(seconds: number, work: () => Promise<void>): void {
    const timer = setInterval(() => {
      work().catch((error: unknown) =>
        onError(error instanceof Error ? error : new Error(String(error))),
      )
    }, seconds * 1000)
    timers.add(timer)
  }
}

interface QueueSettings {
  readonly retryLimit: number
  readonly retryDelay?: number
  readonly retryDelayMax?: number
  readonly retryBackoff?: boolean
  readonly expireInSeconds?: number
  readonly deadLetter?: string
}

function keyOf({ tenantId, vectorStoreId, fileId }: IngestJob): string {
  return `${tenantId}/${vectorStoreId}/${fileId}`
}
