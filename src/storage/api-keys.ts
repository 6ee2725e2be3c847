import type pg from 'pg'
import type { ApiKeyRecord, ApiKeys } from '../core/ports/api-keys.ts'
import type { Scope } from '../core/principal.ts'
import { noteExpired } from './note-expired.ts'
import { selectPage } from './page-sql.ts'
import { findPresentedRow } from './presented-key.ts'

interface ApiKeyRow {
  readonly tenant_id: string
  readonly id: string
  readonly name: string
  readonly hash: Buffer
  readonly scopes: readonly Scope[]
  readonly vector_store_ids: readonly string[] | null
  readonly limits: ApiKeyRecord['limits']
  readonly made_by: string | null
  readonly created_at: Date
  readonly expires_at: Date | null
  readonly revoked_at: Date | null
  readonly last_used_at: Date | null
  readonly rotated_at: Date | null
  readonly previous_hash: Buffer | null
  readonly previous_until: Date | null
  readonly signing_salt: Buffer | null
  readonly previous_signing_salt: Buffer | null
}

/** The key, unless it was revoked: then nothing of it changes any longer. */
const LIVING = 'tenant_id = $1 and id = $2 and revoked_at is null'

export function createApiKeys({ pool }: { readonly pool: pg.Pool }): ApiKeys {
  return {
    async insert(transaction, key) {
      await transaction.query(
        `insert into api_keys (tenant_id, id, name, hash, scopes, created_at, expires_at,
           vector_store_ids, limits, made_by, signing_salt)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10, $11)`,
        [
          transaction.tenantId,
          key.id,
          key.name,
          key.hash,
          key.scopes,
          key.createdAt,
          key.expiresAt,
          key.vectorStoreIds ?? null,
          JSON.stringify(key.limits ?? {}),
          key.madeBy ?? null,
          key.signingSalt ?? null,
        ],
      )
    },

    async findPresented(id) {
      return toRecord(await findPresentedRow<ApiKeyRow>(pool, id))
    },

    async get(transaction, id) {
      const [row] = await transaction.query<ApiKeyRow>(
        'select * from api_keys where tenant_id = $1 and id = $2',
        [transaction.tenantId, id],
      )
      return toRecord(row)
    },

    async list(transaction, cursor) {
      const source = {
        select: 'select * from api_keys as entry',
        table: 'api_keys',
        id: 'id',
        within: { tenant_id: transaction.tenantId },
        only: {},
      }
      const rows = await selectPage<ApiKeyRow>(transaction, source, cursor)
      return rows.map((row) => recordOf(row))
    },

    async update(transaction, id, { name, scopes, limits, expiresAt }) {
      const [row] = await transaction.query<ApiKeyRow>(
        `update api_keys set name = coalesce($3, name), scopes = coalesce($4, scopes),
           limits = coalesce($5::jsonb, limits), expires_at = case when $6 then $7 else expires_at end
         where ${LIVING} returning *`,
        [
          transaction.tenantId,
          id,
          name ?? null,
          scopes ?? null,
          limits === undefined ? null : JSON.stringify(limits),
          expiresAt !== undefined,
          expiresAt ?? null,
        ],
      )
      return toRecord(row)
    },

    async rotate(transaction, id, { hash, signingSalt, until }) {
      const [row] = await transaction.query<ApiKeyRow>(
        `update api_keys set previous_hash = hash, previous_signing_salt = signing_salt, previous_until = $5,
           hash = $3, signing_salt = $4, rotated_at = now()
         where ${LIVING} returning *`,
        [transaction.tenantId, id, hash, signingSalt, until],
      )
      return toRecord(row)
    },

    async revoke(transaction, id) {
      const [row] = await transaction.query<ApiKeyRow>(
        `update api_keys set revoked_at = now() where ${LIVING} returning *`,
        [transaction.tenantId, id],
      )
      return toRecord(row)
    },

    noteExpired: (transaction, limit) => noteExpired(transaction, 'api_keys', limit),

    async touch(transaction, id) {
      await transaction.query(
        'update api_keys set last_used_at = now() where tenant_id = $1 and id = $2',
        [transaction.tenantId, id],
      )
    },
  }
}

const toRecord = (row: ApiKeyRow | undefined) => (row === undefined ? null : recordOf(row))

function recordOf(row: ApiKeyRow): ApiKeyRecord {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    name: row.name,
    hash: row.hash,
    scopes: row.scopes,
    vectorStoreIds: row.vector_store_ids,
    limits: row.limits,
    madeBy: row.made_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
    rotatedAt: row.rotated_at,
    previous:
      row.previous_hash === null || row.previous_until === null
        ? null
        : {
            hash: row.previous_hash,
            signingSalt: row.previous_signing_salt,
            until: row.previous_until,
          },
    signingSalt: row.signing_salt,
  }
}
