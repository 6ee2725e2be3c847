import type { ExecuteSql } from './execute-sql.ts'
import type { ClaimedJob, JobHistory } from './job-row.ts'

/** What the library has no call for, said on its table of jobs. */
export interface JobTable {
  /** A job that a worker had to leave: claimable at once, and the attempt does not count. */
  handBack(job: ClaimedJob): Promise<void>
  /** The same, after so many seconds. */
  defer(job: ClaimedJob, seconds: number): Promise<void>
  /** The attempt counts, and there is another after so many seconds. */
  retry(job: ClaimedJob, failed: { history: JobHistory; seconds: number }): Promise<void>
  /** Each of these says whether the attempt still had the job; else nothing has changed. */
  complete(job: ClaimedJob, within?: ExecuteSql): Promise<boolean>
  /** No further attempt: kept as a dead letter. */
  bury(job: ClaimedJob, history: JobHistory, within?: ExecuteSql): Promise<boolean>
  /** There was nothing left to do. */
  withdraw(job: ClaimedJob): Promise<boolean>
  /** All jobs that are being worked on: only where nobody but the caller can be working on them. */
  handBackAll(): Promise<void>
  /** A job whose tenant is suspended: not claimable until it is woken. False when the tenant is not suspended (any longer). */
  park(job: ClaimedJob): Promise<boolean>
  /** What was parked and may go on. */
  wake(): Promise<void>
  counts(): Promise<JobCounts>
}

export interface JobCounts {
  /** Waiting, for their turn or for their next attempt. */
  readonly queued: number
  readonly active: number
  /** Given up after their last attempt, and kept with the reason. */
  readonly failed: number
}

export const KEEP_SECONDS = 90 * 24 * 3600

// Attempts are told apart by retry_count: raising it makes whatever the former worker still says of its attempt
// (completed, failed, alive) touch nothing.
const NEXT_ATTEMPT = 'heartbeat_on = null, retry_count = retry_count + 1'
export const RELEASE = `state = 'created', ${NEXT_ATTEMPT}`
const UNCOUNTED = 'retry_limit = retry_limit + 1'
const THIS_ATTEMPT = `name = $1 and id = $2 and state = 'active' and retry_count = $3`

// Parking looks at the tenant under a lock, and a tenant is resumed before its jobs are woken: so a job is parked before
// they are woken, and found then, or not at all.
const NEVER = `'infinity'::timestamptz`

/** `schema` is the library's own; it stands in the statements as it is. */
export function createJobTable(options: {
  readonly executeSql: ExecuteSql
  readonly schema: string
  readonly names: readonly string[]
}): JobTable {
  const { executeSql, names } = options
  const job = `${options.schema}.job`
  const attemptOf = ({ name, id, retryCount }: ClaimedJob) => [name, id, retryCount]
  const settle = async (
    changes: string,
    values: unknown[],
    within: ExecuteSql = executeSql,
  ): Promise<boolean> => {
    const { rows } = await within(
      `update ${job} set ${changes} where ${THIS_ATTEMPT} returning id`,
      values,
    )
    return rows.length > 0
  }
  return {
    async handBack(claimed) {
      await settle(`${RELEASE}, ${UNCOUNTED}`, attemptOf(claimed))
    },
    async defer(claimed, seconds) {
      await settle(
        `${RELEASE}, ${UNCOUNTED}, start_after = now() + $4 * interval '1 second',
         keep_until = now() + interval '${KEEP_SECONDS} seconds'`,
        [...attemptOf(claimed), seconds],
      )
    },
    async retry(claimed, { history, seconds }) {
      await settle(
        `state = 'retry', ${NEXT_ATTEMPT}, start_after = now() + $4 * interval '1 second', output = $5::jsonb,
         keep_until = now() + interval '${KEEP_SECONDS} seconds'`,
        [...attemptOf(claimed), seconds, JSON.stringify(history)],
      )
    },
    complete: (claimed, within) =>
      settle(
        `state = 'completed', completed_on = clock_timestamp(), heartbeat_on = null`,
        attemptOf(claimed),
        within,
      ),
    bury: (claimed, history, within) =>
      settle(
        `state = 'failed', completed_on = clock_timestamp(), heartbeat_on = null, output = $4::jsonb,
         deletion_seconds = ${KEEP_SECONDS}`,
        [...attemptOf(claimed), JSON.stringify(history)],
        within,
      ),
    withdraw: (claimed) =>
      settle(
        `state = 'cancelled', completed_on = clock_timestamp(), heartbeat_on = null`,
        attemptOf(claimed),
      ),
    async handBackAll() {
      await executeSql(
        `update ${job} set ${RELEASE}, ${UNCOUNTED} where name = any($1::text[]) and state = 'active'`,
        [names],
      )
    },
    async park(claimed) {
      const { rows } = await executeSql(
        `with suspended as (select from tenants where id = $4 and status <> 'active' for share)
         update ${job} set ${RELEASE}, ${UNCOUNTED}, start_after = ${NEVER}, keep_until = ${NEVER}
         where ${THIS_ATTEMPT} and exists (select from suspended)
         returning id`,
        [...attemptOf(claimed), claimed.data.tenantId],
      )
      return rows.length > 0
    },
    async wake() {
      await executeSql(
        `update ${job} set start_after = now(), keep_until = now() + interval '${KEEP_SECONDS} seconds'
         where name = any($1::text[]) and state = 'created' and start_after = ${NEVER}
           and data ->> 'tenantId' in (select id from tenants where status = 'active')`,
        [names],
      )
    },
    async counts() {
      const { rows } = await executeSql(
        `select count(*) filter (where state < 'active')::int as queued,
                count(*) filter (where state = 'active')::int as active,
                count(*) filter (where state = 'failed')::int as failed
         from ${job} where name = any($1::text[])`,
        [names],
      )
      const { queued = 0, active = 0, failed = 0 }: Partial<JobCounts> = rows[0] ?? {}
      return { queued, active, failed }
    },
  }
}
