import type { ExecuteSql } from './execute-sql.ts'
import type { ClaimedJob } from './job-row.ts'
import { RELEASE } from './job-table.ts'

/** Who works on jobs, as its row in the database says. */
export interface WorkerCard {
  readonly id: string
  readonly host: string
  readonly pid: number
  readonly version: string
  /** Inside a server, or a process of its own. */
  readonly kind: 'server' | 'worker'
  /** Jobs that it works on at once. */
  readonly slots: number
}

export interface WorkerTable {
  /**
   * Says that the worker and its jobs are alive. Gives the jobs that are no longer its own. A job whose row is locked at
   * the moment, by the transaction that ends it, is passed over.
   */
  beat(
    worker: WorkerCard,
    state: { readonly jobs: readonly ClaimedJob[]; readonly stopping: boolean },
  ): Promise<ReadonlySet<string>>
  /** Jobs not heard of for so long are claimable at once; the attempt counts, as the job may be what killed its worker. */
  reclaim(silentSeconds: number): Promise<number>
  leave(workerId: string): Promise<void>
}

/** A worker that was killed is shown for so long. */
const REMEMBERED = `interval '1 hour'`

const LOST = JSON.stringify({
  code: 'worker_lost',
  message: 'The worker was killed or lost the database in the middle of the work.',
})

export function createWorkerTable(options: {
  readonly executeSql: ExecuteSql
  readonly schema: string
  readonly names: readonly string[]
}): WorkerTable {
  const { executeSql, names } = options
  const job = `${options.schema}.job`
  return {
    async beat(worker, { jobs, stopping }) {
      const { rows } = await executeSql(
        `with seen as (
           insert into workers (id, host, pid, version, kind, slots, running, stopping)
           values ($1, $2, $3, $4, $5, $6, $7::uuid[], $9)
           on conflict (id) do update set seen_at = clock_timestamp(), running = excluded.running, stopping = excluded.stopping
         ), mine as (
           select * from unnest($7::uuid[], $8::integer[]) as mine (id, attempt)
         ), held as (
           select job.name, job.id from ${job} as job join mine on mine.id = job.id and mine.attempt = job.retry_count
           where job.name = any($10::text[]) and job.state = 'active' for update of job skip locked
         ), alive as (
           update ${job} as job set heartbeat_on = clock_timestamp() from held where job.name = held.name and job.id = held.id
         )
         select id::text from mine where not exists (
           select from ${job} as job
           where job.name = any($10::text[]) and job.id = mine.id and job.retry_count = mine.attempt and job.state = 'active')`,
        [
          worker.id,
          worker.host,
          worker.pid,
          worker.version,
          worker.kind,
          worker.slots,
          jobs.map(({ id }) => id),
          jobs.map(({ retryCount }) => retryCount),
          stopping,
          names,
        ],
      )
      return new Set(rows.map((row) => (row as { id: string }).id))
    },
    async reclaim(silentSeconds) {
      const { rows } = await executeSql(
        `with silent as (
           select name, id from ${job}
           where name = any($1::text[]) and state = 'active' and heartbeat_on < now() - $2 * interval '1 second'
           for update skip locked
         ), forgotten as (
           delete from workers where seen_at < now() - ${REMEMBERED}
         )
         update ${job} as job set ${RELEASE}, output = coalesce(output, '{}') || jsonb_build_object(
           'failures', coalesce((output ->> 'failures')::integer, 0) + 1,
           'last', $3::jsonb || jsonb_build_object('at', now()))
         from silent where job.name = silent.name and job.id = silent.id
         returning job.id`,
        [names, silentSeconds, LOST],
      )
      return rows.length
    },
    async leave(workerId) {
      await executeSql('delete from workers where id = $1', [workerId])
    },
  }
}
