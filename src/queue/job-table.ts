import type { ExecuteSql } from './execute-sql.ts'

/** What the library has no call for, said on its table of jobs. */
export interface JobTable {
  /** A job that a worker had to leave: claimable at once, and the attempt does not count. */
  handBack(job: { readonly id: string; readonly retryCount: number }): Promise<void>
  /** All jobs that are being worked on: only where nobody but the caller can be working on them. */
  handBackAll(): Promise<void>
  /** Jobs of workers not heard of for so long are claimable at once; the attempt counts, as the job may be what killed them. */
  reclaim(silentSeconds: number): Promise<void>
  counts(): Promise<JobCounts>
  /** A job whose tenant is suspended: not claimable until it is woken. False when the tenant is not suspended (any longer). */
  park(job: ParkedJob): Promise<boolean>
  /** What was parked and may go on. */
  wake(): Promise<void>
}

export interface ParkedJob {
  readonly id: string
  readonly retryCount: number
  readonly tenantId: string
}

export interface JobCounts {
  /** Waiting, for their turn or for their next attempt. */
  readonly queued: number
  readonly active: number
  /** Given up after their last attempt, and kept with the reason. */
  readonly failed: number
}

// The library tells attempts apart by retry_count: raising it makes whatever the former worker still says of its
// attempt (completed, failed, alive) touch nothing. Without started_on the next claim does not raise it again.
const RELEASE = `state = 'created', started_on = null, heartbeat_on = null, retry_count = retry_count + 1`

// Parking looks at the tenant under a lock, and a tenant is resumed before its jobs are woken: so a job is parked before
// they are woken, and found then, or not at all.
const NEVER = `'infinity'::timestamptz`

/** `schema` is the library's own; it stands in the statements as it is. */
export function createJobTable(options: {
  readonly executeSql: ExecuteSql
  readonly schema: string
  readonly name: string
  readonly deadLetters: string
}): JobTable {
  const { executeSql, schema, name, deadLetters } = options
  return {
    async handBack({ id, retryCount }) {
      await executeSql(
        `update ${schema}.job set ${RELEASE}, retry_limit = retry_limit + 1
         where name = $1 and id = $2 and state = 'active' and retry_count = $3`,
        [name, id, retryCount],
      )
    },
    async handBackAll() {
      await executeSql(
        `update ${schema}.job set ${RELEASE}, retry_limit = retry_limit + 1
         where name = $1 and state = 'active'`,
        [name],
      )
    },
    async reclaim(silentSeconds) {
      await executeSql(
        `update ${schema}.job set ${RELEASE}
         where name = $1 and state = 'active' and heartbeat_on < now() - $2 * interval '1 second'`,
        [name, silentSeconds],
      )
    },
    async park({ id, retryCount, tenantId }) {
      const { rows } = await executeSql(
        `with suspended as (select from tenants where id = $4 and status <> 'active' for share)
         update ${schema}.job set ${RELEASE}, retry_limit = retry_limit + 1,
           start_after = ${NEVER}, keep_until = ${NEVER}
         where name = $1 and id = $2 and state = 'active' and retry_count = $3 and exists (select from suspended)
         returning id`,
        [name, id, retryCount, tenantId],
      )
      return rows.length > 0
    },
    async wake() {
      await executeSql(
        `update ${schema}.job set start_after = now(), keep_until = now() + interval '90 days'
         where name = $1 and state = 'created' and start_after = ${NEVER}
           and data ->> 'tenantId' in (select id from tenants where status = 'active')`,
        [name],
      )
    },
    async counts() {
      const { rows } = await executeSql(
        `select count(*) filter (where name = $1 and state < 'active')::int as queued,
                count(*) filter (where name = $1 and state = 'active')::int as active,
                count(*) filter (where name = $2 and state = 'created')::int as failed
         from ${schema}.job where name in ($1, $2)`,
        [name, deadLetters],
      )
      const { queued = 0, active = 0, failed = 0 }: Partial<JobCounts> = rows[0] ?? {}
      return { queued, active, failed }
    },
  }
}
