import type pg from 'pg'
import { AppError } from '../core/errors.ts'
import type { Transaction } from '../core/ports/database.ts'
import type { Erasure, TenantErasures } from '../core/ports/tenant-erasures.ts'
import { asDatabaseError } from './database-error.ts'
import {
  childrenFirst,
  REFERENCES,
  TENANT_TABLES,
  type Reference,
  type TenantTable,
} from './tenant-tables.ts'

const COLUMNS = `erased_tenant_id as "tenantId", name, operator_tenant_id as "operatorTenantId",
  asked_by as "askedBy", started_at as "startedAt", finished_at as "finishedAt", before, after`

/** As the owner of the schema; rows of the tenant in a transaction that names it. */
export function createTenantErasures(pool: pg.Pool): TenantErasures {
  const rowsOf = async <Row extends object>(text: string, values: readonly unknown[] = []) => {
    try {
      return (await pool.query<Row>(text, [...values])).rows
    } catch (error) {
      throw asDatabaseError(error)
    }
  }
  /** By table. Looked up in the transaction itself: beside an open one, an embedded database answers nobody. */
  const owners = new Map<string, string>()
  const ownerOf = async (transaction: Transaction, name: string): Promise<string> => {
    if (!owners.has(name)) {
      for (const table of await transaction.query<TenantTable>(TENANT_TABLES))
        owners.set(table.name, table.owner_column)
    }
    const owner = owners.get(name)
    if (owner === undefined) throw new Error(`${name} is no table of tenants`)
    return owner
  }
  const within = <Row extends object>(
    transaction: Transaction,
    text: string,
    values: readonly unknown[] = [],
  ) => transaction.query<Row>(text, values, { asOwner: true })

  return {
    async begin(transaction, { tenantId, name, askedBy }) {
      await within(transaction, `update tenants set status = 'erasing' where id = $1`, [tenantId])
      await within(
        transaction,
        `insert into tenant_erasures (erased_tenant_id, name, operator_tenant_id, asked_by)
         values ($1, $2, $3, $4::jsonb) on conflict (erased_tenant_id) do nothing`,
        [tenantId, name, transaction.tenantId, JSON.stringify(askedBy)],
      )
    },
    async find(tenantId) {
      const text = `select ${COLUMNS} from tenant_erasures where erased_tenant_id = $1`
      return (await rowsOf<Erasure>(text, [tenantId]))[0] ?? null
    },
    async lease(worker, seconds) {
      const [leased] = await rowsOf<Erasure>(
        `update tenant_erasures set worker = $1, leased_until = now() + $2 * interval '1 second'
         where erased_tenant_id = (
           select erased_tenant_id from tenant_erasures
           where finished_at is null and (leased_until <= now() or worker = $1)
           order by started_at limit 1 for update skip locked)
         returning ${COLUMNS}`,
        [worker, seconds],
      )
      return leased ?? null
    },
    async renew(tenantId, worker, seconds) {
      const kept = await rowsOf(
        `update tenant_erasures set leased_until = now() + $3 * interval '1 second'
         where erased_tenant_id = $1 and worker = $2 returning name`,
        [tenantId, worker, seconds],
      )
      if (kept.length === 0) {
        throw new AppError('conflict', 'Another server has taken up the erasure of this tenant.')
      }
    },
    async setBefore(tenantId, before) {
      await rowsOf(
        'update tenant_erasures set before = coalesce(before, $2::jsonb) where erased_tenant_id = $1',
        [tenantId, JSON.stringify(before)],
      )
    },
    async tables() {
      const tables = await rowsOf<TenantTable>(TENANT_TABLES)
      return childrenFirst(tables, await rowsOf<Reference>(REFERENCES)).map(({ name }) => name)
    },
    async countRows(transaction, name) {
      const owner = await ownerOf(transaction, name)
      const [row] = await within<{ count: number }>(
        transaction,
        `select count(*) as count from ${name} where ${owner} = $1`,
        [transaction.tenantId],
      )
      return row?.count ?? 0
    },
    async deleteRows(transaction, name, limit) {
      const owner = await ownerOf(transaction, name)
      // A tenant's rows lie in one partition, where a place names one row.
      const [row] = await within<{ count: number }>(
        transaction,
        `with gone as (
           delete from ${name} where ${owner} = $1 and ctid = any(array(
             select ctid from ${name} where ${owner} = $1 limit $2))
           returning 1)
         select count(*) as count from gone`,
        [transaction.tenantId, limit],
      )
      return row?.count ?? 0
    },
    async deleteTenant(tenantId) {
      await rowsOf('delete from tenants where id = $1', [tenantId])
    },
    async finish(transaction, tenantId, after) {
      await within(
        transaction,
        `update tenant_erasures set after = $2::jsonb, finished_at = now() where erased_tenant_id = $1`,
        [tenantId, JSON.stringify(after)],
      )
    },
  }
}
