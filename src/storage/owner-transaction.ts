import type pg from 'pg'
import { connect } from './backend.ts'
import { asDatabaseError } from './database-error.ts'

export interface OwnerTransaction {
  readonly query: <Row extends object>(
    text: string,
    values?: readonly unknown[],
  ) => Promise<readonly Row[]>
  /** From here on rows of this tenant are seen: row-level security is forced on the owner too. */
  enter(tenantId: string): Promise<void>
}

/** As the owner of the schema, for the server's own work. */
export async function ownerTransaction<Result>(
  pool: pg.Pool,
  work: (transaction: OwnerTransaction) => Promise<Result>,
): Promise<Result> {
  const client = await connect(pool)
  let lost = false
  const query: OwnerTransaction['query'] = async <Row extends object>(
    text: string,
    values: readonly unknown[] = [],
  ) => (await client.query<Row>(text, [...values])).rows
  try {
    await client.query('begin')
    const result = await work({
      query,
      async enter(tenantId) {
        await query("select set_config('ragstone.tenant_id', $1, true)", [tenantId])
      },
    })
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => (lost = true))
    throw asDatabaseError(error)
  } finally {
    client.release(lost)
  }
}
