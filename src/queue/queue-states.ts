import type { Jobs, QueueState, WorkerRecord } from '../core/ports/jobs.ts'
import type { ExecuteSql } from './execute-sql.ts'
import { publicId, STATUS_SQL } from './job-record.ts'

/** A worker that has missed so many seconds of heartbeats is lost. */
const LOST_SECONDS = 15

/** How full the queues are, and who works on them. */
export function createQueueStates(deps: {
  readonly executeSql: ExecuteSql
  readonly schema: string
  readonly names: readonly string[]
}): Pick<Jobs, 'queues' | 'workers'> {
  const { executeSql, schema, names } = deps
  return {
    async queues(tenantId) {
      const { rows } = await executeSql(statesOf(schema), [names, tenantId])
      return (rows as StateRow[]).map(toState)
    },
    async workers() {
      const { rows } = await executeSql(
        `select id, host, pid, version, kind, slots, running::text[] as running, started_at, seen_at,
           case when seen_at < now() - interval '${LOST_SECONDS} seconds' then 'lost'
                when stopping then 'stopping' else 'alive' end as status
         from workers order by started_at, id`,
      )
      return (rows as WorkerRow[]).map((row) => ({
        ...row,
        running: row.running.map(publicId),
        startedAt: row.started_at,
        seenAt: row.seen_at,
      }))
    },
  }
}

interface WorkerRow extends Omit<WorkerRecord, 'seenAt' | 'startedAt'> {
  readonly started_at: Date
  readonly seen_at: Date
}

const MINUTES = 5
const RECENT = `job.state = 'completed' and job.completed_on > now() - interval '${MINUTES} minutes'`

const statesOf = (schema: string) => `
  select kind,
    (count(job.id) filter (where ${STATUS_SQL.queued}))::int as queued,
    (count(job.id) filter (where ${STATUS_SQL.retrying}))::int as retrying,
    (count(job.id) filter (where ${STATUS_SQL.suspended}))::int as suspended,
    (count(job.id) filter (where ${STATUS_SQL.running}))::int as running,
    (count(job.id) filter (where ${STATUS_SQL.dead}))::int as dead,
    extract(epoch from now() - min(job.created_on) filter (where job.state < 'active' and job.start_after <= now()))::float8
      as oldest_seconds,
    (count(job.id) filter (where ${RECENT}))::float8 / ${MINUTES} as completed_per_minute,
    (avg(extract(epoch from job.completed_on - job.started_on)) filter (where ${RECENT}))::float8 as mean_seconds
  from unnest($1::text[]) as kind
  left join ${schema}.job as job on job.name = kind and ($2::text is null or job.group_id = $2)
  group by kind order by kind`

interface StateRow extends Omit<
  QueueState,
  'completedPerMinute' | 'meanSeconds' | 'oldestSeconds'
> {
  readonly oldest_seconds: number | null
  readonly completed_per_minute: number
  readonly mean_seconds: number | null
}

function toState({
  oldest_seconds: oldestSeconds,
  completed_per_minute: completedPerMinute,
  mean_seconds: meanSeconds,
  ...counts
}: StateRow): QueueState {
  return {
    ...counts,
    oldestSeconds: oldestSeconds === null ? null : Math.max(0, oldestSeconds),
    completedPerMinute,
    meanSeconds,
  }
}
