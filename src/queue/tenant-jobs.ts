import type { TenantJobs } from '../core/ports/queue.ts'
import type { ExecuteSql } from './execute-sql.ts'

/** Jobs by the tenant that they name, in every queue: waiting, running, done and dead. */
export function createTenantJobs(options: {
  readonly executeSql: ExecuteSql
  readonly schema: string
}): Omit<TenantJobs, 'wake'> {
  const { executeSql, schema } = options
  return {
    async count(tenantId) {
      const { rows } = await executeSql(
        `select count(*)::int as all, (count(*) filter (where state = 'active'))::int as active
         from ${schema}.job where data ->> 'tenantId' = $1`,
        [tenantId],
      )
      return { all: 0, active: 0, ...rows[0] }
    },
    async delete(tenantId) {
      await executeSql(`delete from ${schema}.job where data ->> 'tenantId' = $1`, [tenantId])
    },
  }
}
