import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { PgBoss } from 'pg-boss'
import type { Jobs } from '../core/ports/jobs.ts'
import type { JobHandler, JobSender, TenantJob, TenantJobs } from '../core/ports/queue.ts'
import type { Signals } from '../core/ports/signals.ts'
import { prepareClaims, createClaim } from './claim-job.ts'
import type { ExecuteSql } from './execute-sql.ts'
import { createJobDesk } from './job-desk.ts'
import type { JobDefinition } from './job-definition.ts'
import type { JobEvent } from './job-event.ts'
import { createJobTable, KEEP_SECONDS, type JobCounts } from './job-table.ts'
import { PRIORITIES } from './priorities.ts'
import type { Handling } from './run-job.ts'
import { sendWithin } from './send-within.ts'
import { createTenantJobs } from './tenant-jobs.ts'
import { createWorkerTable, type WorkerCard } from './worker-table.ts'
import { BEAT_MS, SILENT_SECONDS, startWorker, type Worker } from './worker.ts'

export interface JobQueue {
  sender<Job extends TenantJob>(definition: JobDefinition<Job>): JobSender<Job>
  readonly tenantJobs: TenantJobs
  readonly jobs: Jobs
  /** Makes or migrates the schema, takes up what a killed process left. To be called before anything else. */
  start(): Promise<void>
  /** To be called once: begins to work on the jobs that there are handlers for. */
  work(handlers: readonly HandledJob[], options: WorkOptions): void
  /** Tells running jobs to stop and waits for them at most so long; all not completed by then are handed back. */
  stop(options: { readonly timeoutMs: number }): Promise<void>
  readonly counts: () => Promise<JobCounts>
}

/** A kind of job and what does it. Made by `handled`, which sees to it that they fit. */
export type HandledJob = Handling

export function handled<Job extends TenantJob>(
  definition: JobDefinition<Job>,
  handle: JobHandler<Job>,
  own: Pick<Handling, 'slots'> = {},
): HandledJob {
  return {
    definition,
    handle: (job, signal, attempt) => handle(job as Job, signal, attempt),
    ...own,
  }
}

export interface WorkOptions {
  /** Jobs at once in this process, of all kinds that have no slots of their own. */
  readonly concurrency: number
  readonly kind?: WorkerCard['kind']
  readonly version?: string
}

export interface QueueOptions {
  readonly executeSql: ExecuteSql
  readonly kind: 'pglite' | 'postgres'
  /** Every kind of job there is. */
  readonly jobs: readonly JobDefinition[]
  readonly signals: Signals
  /** Jobs of one tenant that all workers together work on at once; null is without limit. */
  readonly tenantConcurrency?: number | null
  readonly onEvent?: (event: JobEvent) => void
  /** What goes wrong between jobs: a claim that failed, a settlement that did not arrive. */
  readonly onError: (error: Error) => void
}

const SCHEMA = 'pgboss'
/** The library's own limit is never meant to be reached: progress, not time, tells a long job from a dead one. */
const EXPIRE_SECONDS = 24 * 3600
const COMPLETED_SECONDS = 24 * 3600
/** Jobs in the same database as what they are about: pg-boss keeps them, our workers claim and settle them. */
export function createQueue(options: QueueOptions): JobQueue {
  const { executeSql, kind, jobs, signals, onError } = options
  const names = jobs.map(({ name }) => name)
  const boss = new PgBoss({
    db: { executeSql },
    backend: kind,
    schema: SCHEMA,
    schedule: false,
    supervise: true,
  })
  boss.on('error', onError)
  const place = { executeSql, schema: SCHEMA, names }
  const table = createJobTable(place)
  const workerTable = createWorkerTable(place)
  const workers: Worker[] = []
  let round: NodeJS.Timeout | null = null
  const wakeAll = (): void => {
    for (const worker of workers) worker.wake()
  }
  const deafen = signals.listen((signal) => {
    if (signal.type === 'job-sent') wakeAll()
    if (signal.type === 'job-cancelled') for (const worker of workers) worker.drop(signal.jobId)
  })

  return {
    tenantJobs: {
      ...createTenantJobs({ executeSql, schema: SCHEMA }),
      async wake() {
        await table.wake()
        wakeAll()
      },
    },
    jobs: createJobDesk({ ...place, signals }),
    sender: (definition) => ({
      async send(transaction, job, { priority = 'interactive' } = {}) {
        await boss.send(definition.name, job, {
          db: { executeSql: sendWithin(transaction) },
          group: { id: job.tenantId },
          singletonKey: definition.keyOf(job),
          priority: PRIORITIES[priority],
        })
        signals.announce(transaction, { type: 'job-sent' })
      },
    }),
    async start() {
      await boss.start()
      for (const definition of jobs) await ensureQueue(definition)
      await executeSql(prepareClaims(SCHEMA))
      if (kind === 'pglite') return table.handBackAll()
      // Where nobody works, somebody should still see what a killed worker has left: a tenant's erasure waits for it.
      round = setInterval(() => {
        if (workers.length === 0) workerTable.reclaim(SILENT_SECONDS).catch(onError)
      }, BEAT_MS)
    },
    work(handlers, { concurrency, kind: place = 'server', version = '' }) {
      const lineOf = (some: readonly HandledJob[], slots: number) => {
        const names = some.map(({ definition }) => definition.name)
        const tenantConcurrency = options.tenantConcurrency ?? null
        return {
          claim: createClaim({ executeSql, schema: SCHEMA, names, tenantConcurrency }),
          slots,
        }
      }
      const shared = handlers.filter(({ slots }) => slots === undefined)
      const lines = [
        ...(shared.length === 0 ? [] : [lineOf(shared, concurrency)]),
        ...handlers.flatMap((each) =>
          each.slots === undefined ? [] : [lineOf([each], each.slots)],
        ),
      ]
      const worker = startWorker({
        card: {
          id: randomUUID(),
          host: hostname(),
          pid: process.pid,
          kind: place,
          version,
          slots: lines.reduce((sum, { slots }) => sum + slots, 0),
        },
        handlings: new Map(handlers.map((each) => [each.definition.name, each])),
        lines,
        table,
        workers: workerTable,
        isAmongOthers: kind === 'postgres',
        onEvent: options.onEvent ?? (() => undefined),
        onError,
      })
      workers.push(worker)
    },
    async stop(limits) {
      deafen()
      if (round !== null) clearInterval(round)
      await Promise.all(workers.map((worker) => worker.stop(limits)))
      await boss.stop({ graceful: false, close: false })
    },
    counts: () => table.counts(),
  }

  async function ensureQueue(definition: JobDefinition): Promise<void> {
    const { name, retryLimit } = definition
    const settings = {
      retryLimit,
      expireInSeconds: EXPIRE_SECONDS,
      retentionSeconds: KEEP_SECONDS,
      deleteAfterSeconds: COMPLETED_SECONDS,
    }
    await boss.createQueue(name, settings)
    await boss.updateQueue(name, settings)
    // Asking once warms the library's cache of queues: a cold one would be filled on another connection from inside
    // a caller's transaction, for which PGlite waits for ever.
    await boss.findJobs(name, { id: '00000000-0000-0000-0000-000000000000' })
    // Jobs that an earlier version sent are grouped by their document.
    await executeSql(
      `update ${SCHEMA}.job set group_id = data ->> 'tenantId', singleton_key = group_id
       where name = $1 and singleton_key is null and data ->> 'tenantId' is not null`,
      [name],
    )
  }
}
