import type pg from 'pg'
import { createId } from '../core/id.ts'
import type { Tenants } from '../core/ports/api-keys.ts'
import { connect } from './backend.ts'
import { asDatabaseError } from './database-error.ts'

/** As the owner of the schema: the list of tenants is no tenant's. */
export function createTenants(pool: pg.Pool): Tenants {
  return {
    async ensureFirst() {
      const client = await connect(pool)
      let broken = false
      try {
        // The lock in a statement of its own: one that waited inside the next would still look at what was there
        // before it waited, and two servers that start at once would make a tenant each.
        await client.query(`begin; select pg_advisory_xact_lock(hashtext('tenants'))`)
        const { rows } = await client.query<{ id: string; created: boolean }>(
          `with first as materialized (select id from tenants order by created_at, id limit 1),
             made as (
               insert into tenants (id, name) select $1, 'default' where not exists (select from first) returning id)
           select id, false as created from first union all select id, true from made`,
          [createId('ten_')],
        )
        await client.query('commit')
        const tenant = rows[0]
        if (tenant === undefined) throw new Error('The first tenant was neither found nor made')
        return { tenantId: tenant.id, created: tenant.created }
      } catch (error) {
        await client.query('rollback').catch(() => (broken = true))
        throw asDatabaseError(error)
      } finally {
        client.release(broken)
      }
    },
    async list() {
      try {
        const { rows } = await pool.query<{ id: string; name: string }>(
          'select id, name from tenants order by created_at, id',
        )
        return rows
      } catch (error) {
        throw asDatabaseError(error)
      }
    },
  }
}
