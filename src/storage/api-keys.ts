import pg from 'pg'
import type { ApiKeyRecord, ApiKeys } from '../core/ports/api-keys.ts'
import type { Scope } from '../core/principal.ts'
import { asDatabaseError } from './database-error.ts'

interface Row {
  readonly tenant_id: string
  readonly id: string
  readonly name: string
  readonly hash: Buffer
  readonly scopes: readonly Scope[]
  readonly created_at: Date
  readonly expires_at: Date | null
  readonly revoked_at: Date | null
}

export function createApiKeys({ pool }: { readonly pool: pg.Pool }): ApiKeys {
  return {
    async insert(transaction, key) {
      await transaction.query(
        `insert into api_keys (tenant_id, id, name, hash, scopes, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [
          transaction.tenantId,
          key.id,
          key.name,
          key.hash,
          key.scopes,
          key.createdAt,
          key.expiresAt,
        ],
      )
    },
    async findPresented(id) {
      const row = await findPresentedRow(pool, id)
      return row === undefined ? null : toRecord(row)
    },
  }
}

/** The tenant is not known yet: the role sees nothing but the row whose id is presented. */
async function findPresentedRow(pool: pg.Pool, id: string): Promise<Row | undefined> {
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

function toRecord(row: Row): ApiKeyRecord {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    name: row.name,
    hash: row.hash,
    scopes: row.scopes,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
  }
}
