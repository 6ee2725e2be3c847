import pg from 'pg'
import { asDatabaseError } from './database-error.ts'

/** The tenant is not known yet: the role sees nothing but the row whose id is presented. */
export async function findPresentedRow<Row extends object>(
  pool: pg.Pool,
  id: string,
): Promise<Row | undefined> {
  const client = await pool.connect().catch((error: unknown) => {
    throw asDatabaseError(error)
  })
  let lost = false
  try {
    await client.query(
      `begin read only; select set_config('role', 'ragstone_app', true), set_config('ragstone.presented_key', ${pg.escapeLiteral(id)}, true)`,
    )
    const { rows } = await client.query<Row>('select * from api_keys where id = $1', [id])
    await client.query('commit')
    return rows[0]
  } catch (error) {
    await client.query('rollback').catch(() => (lost = true))
    throw asDatabaseError(error)
  } finally {
    client.release(lost)
  }
}
