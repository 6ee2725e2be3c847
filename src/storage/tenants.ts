import type pg from 'pg'
import { AppError } from '../core/errors.ts'
import { createId } from '../core/id.ts'
import type { Tenants } from '../core/ports/tenants.ts'
import { DEFAULT_TENANT_SETTINGS, type Tenant } from '../core/tenant.ts'
import { asOwner } from './as-owner.ts'
import { connect } from './backend.ts'
import { asDatabaseError } from './database-error.ts'
import { selectPage } from './page-sql.ts'
import { storableJson } from './storable-json.ts'

type Row = Omit<Tenant, 'createdAt'> & { readonly created_at: Date }

const COLUMNS = 'id, name, status, tier, limits, settings, created_at'

/** As the owner of the schema: the list of tenants is no tenant's. */
export function createTenants(pool: pg.Pool): Tenants {
  const rowsOf = async (text: string, values: readonly unknown[] = []) => {
    try {
      return (await pool.query<Row>(text, [...values])).rows.map(toTenant)
    } catch (error) {
      throw asDatabaseError(error)
    }
  }
  return {
    async ensureFirst() {
      const client = await connect(pool)
      let broken = false
      try {
        // The lock in a statement of its own: one that waited inside the next would still look at what was there
        // before it waited, and two servers that start at once would make a tenant each.
        await client.query(`begin; select pg_advisory_xact_lock(hashtext('tenants'))`)
        // It belongs to whoever runs the machine, who does not ration himself.
        const { rows } = await client.query<{ id: string; created: boolean }>(
          `with first as materialized (select id from tenants order by created_at, id limit 1),
             made as (
               insert into tenants (id, name, tier)
               select $1, 'default', 'enterprise' where not exists (select from first) returning id)
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
    list: () => rowsOf(`select ${COLUMNS} from tenants order by created_at, id`),
    async find(id) {
      const [tenant] = await rowsOf(`select ${COLUMNS} from tenants where id = $1`, [id])
      return tenant ?? null
    },

    page: (transaction, cursor, only) =>
      asOwner(transaction, async () => {
        const select = `select ${COLUMNS} from tenants as entry`
        const source = { select, table: 'tenants', id: 'id', within: {}, only }
        return (await selectPage<Row>(transaction, source, cursor)).map(toTenant)
      }),

    async insert(transaction, tenant) {
      const values = [
        tenant.id,
        tenant.name,
        tenant.status,
        tenant.tier,
        storableJson(tenant.limits),
        storableJson(tenant.settings),
        tenant.createdAt,
      ]
      const inserted = transaction.query(
        `insert into tenants (${COLUMNS}) values ($1, $2, $3, $4, $5::jsonb, $6::jsonb, $7)`,
        values,
        { asOwner: true },
      )
      await inserted.catch(asTaken(tenant.name))
    },

    async update(transaction, id, change) {
      const values = [
        id,
        change.name,
        change.status,
        change.tier,
        change.limits && storableJson(change.limits),
        change.settings && storableJson(change.settings),
      ]
      const updated = transaction.query<Row>(
        `update tenants set name = coalesce($2, name), status = coalesce($3, status),
           tier = coalesce($4, tier), limits = coalesce($5::jsonb, limits),
           settings = coalesce($6::jsonb, settings)
         where id = $1 returning ${COLUMNS}`,
        values,
        { asOwner: true },
      )
      const [row] = await updated.catch(asTaken(change.name ?? ''))
      return row === undefined ? null : toTenant(row)
    },
  }
}

const asTaken = (name: string) => (error: unknown) => {
  if (!(error instanceof Error) || !('code' in error) || error.code !== '23505') throw error
  throw new AppError('conflict', `There is a tenant called '${name}' already.`, {
    param: 'name',
    cause: error,
  })
}

function toTenant({ created_at: createdAt, ...row }: Row): Tenant {
  return { ...row, settings: { ...DEFAULT_TENANT_SETTINGS, ...row.settings }, createdAt }
}
