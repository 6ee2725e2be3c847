import { ADVISORY_LOCKS } from '../core/advisory-locks.ts'
import type { ExecuteSql } from './execute-sql.ts'
import type { ClaimedJob } from './job-row.ts'

export interface ClaimOptions {
  readonly executeSql: ExecuteSql
  /** Of the library. */
  readonly schema: string
  /** Kinds of jobs that this process can work on. */
  readonly names: readonly string[]
  /** Jobs of one tenant that all workers together work on at once; null is without limit. */
  readonly tenantConcurrency: number | null
}

/** A tenant that has waited so long is next, whatever the priority of what others wait for. */
const STARVED_SECONDS = 30

/**
 * Takes the next job, or null. Workers take turns here, so that no two can ever have one document at the same time and
 * no tenant more than its share.
 *
 * Of every tenant the job of the highest priority that is due, the oldest first. Among tenants: the highest priority,
 * then who has the fewest jobs at work, then who was served longest ago. A backlog of ten thousand so delays another
 * tenant by one job, and never by ten thousand.
 *
 * The library's own way of claiming knows neither, and looks for running jobs of a group in the same snapshot as it
 * claims: two polls at one moment do not see each other.
 */
export function createClaim({
  executeSql,
  schema,
  names,
  tenantConcurrency,
}: ClaimOptions): () => Promise<ClaimedJob | null> {
  const text = `select id, name, data, retry_count as "retryCount", retry_limit as "retryLimit", created_on as "createdOn", output
    from ${schema}.${CLAIM}($1, $2)`
  return async () => {
    const { rows } = await executeSql(text, [[...names], tenantConcurrency])
    return (rows[0] as ClaimedJob | undefined) ?? null
  }
}

/** Its name goes on with whatever it gives or is given: during an upgrade processes of two versions claim. */
const CLAIM = 'ragstone_claim_1'

/**
 * A function, because its plan is kept for the length of a connection: planning took three times as long as claiming.
 * The statement behind the lock sees what was committed while this one waited for it.
 */
function claimFunction(schema: string): string {
  const job = `${schema}.job`
  return `
    create or replace function ${schema}.${CLAIM}(kinds text[], most integer) returns setof ${job}
      language plpgsql set plan_cache_mode = 'force_generic_plan' as $$
    begin
      perform pg_advisory_xact_lock(${ADVISORY_LOCKS.jobClaims});
      return query
      with recursive waiting (tenant) as (
        (select group_id from ${job} where state < 'active' and group_id is not null order by group_id limit 1)
        union all
        select (select group_id from ${job} where state < 'active' and group_id > tenant order by group_id limit 1)
        from waiting where tenant is not null
      ), busy as (
        select group_id as tenant, count(*) as running from ${job}
        where name = any (kinds) and state = 'active' and group_id is not null group by group_id
      ), heads as (
        select head.id, head.name, head.priority, head.created_on, coalesce(running, 0) as running,
          (select max(started_on) from ${job} where group_id = waiting.tenant and started_on is not null) as served_on
        from waiting
        left join busy using (tenant)
        cross join lateral (
          select id, name, priority, created_on from ${job} as due
          where due.group_id = waiting.tenant and due.state < 'active' and due.name = any (kinds)
            and not due.blocked and due.start_after <= now()
            and not exists (
              select from ${job} as other
              where other.name = due.name and other.state = 'active' and other.group_id = due.group_id
                and other.singleton_key = due.singleton_key)
          order by due.priority desc, due.created_on limit 1) as head
        where waiting.tenant is not null and (most is null or coalesce(running, 0) < most)
      ), chosen as (
        select id, name from heads
        order by
          coalesce(served_on, '-infinity') < now() - interval '${STARVED_SECONDS} seconds'
            and created_on < now() - interval '${STARVED_SECONDS} seconds' desc,
          priority desc, running, served_on nulls first, created_on
        limit 1
      )
      update ${job} as claimed
      set state = 'active', started_on = clock_timestamp(), heartbeat_on = now()
      from chosen
      where claimed.name = chosen.name and claimed.id = chosen.id and claimed.state < 'active'
      returning claimed.*;
    end $$`
}

/** The claim itself, what it reads, and what the lists of jobs read. */
export function prepareClaims(schema: string): string {
  const job = `${schema}.job`
  // One after the other, where two processes start at once.
  return `
    select pg_advisory_xact_lock(${ADVISORY_LOCKS.jobClaims});
    create index if not exists ragstone_waiting on ${job} (group_id, priority desc, created_on, start_after) where state < 'active';
    create index if not exists ragstone_served on ${job} (group_id, started_on) where started_on is not null;
    create index if not exists ragstone_listed on ${job} (group_id, created_on, id);
    ${claimFunction(schema)}`
}
