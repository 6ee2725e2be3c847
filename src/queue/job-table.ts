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
