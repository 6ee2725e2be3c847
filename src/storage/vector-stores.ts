import type { VectorStoreRecord, VectorStores } from '../core/ports/vector-stores.ts'
import { findOrphans } from './drop-documents.ts'
import { selectPage } from './page-sql.ts'
import { storableJson } from './storable-json.ts'

// Counted from the documents every time: a counter beside them would be one more thing that can be wrong.
const SELECT = `
  select entry.id, name, metadata, created_at, last_active_at, expires_after_days,
    chunk_tokens, chunk_overlap_tokens, version, counted.*
  from vector_stores as entry
  cross join lateral (
    select coalesce(sum(text_bytes), 0)::float8 as usage_bytes,
      (count(*) filter (where status = 'in_progress'))::integer as in_progress,
      (count(*) filter (where status = 'completed'))::integer as completed,
      (count(*) filter (where status = 'failed'))::integer as failed,
      (count(*) filter (where status = 'cancelled'))::integer as cancelled,
      count(*)::integer as total
    from documents
    where documents.tenant_id = entry.tenant_id and documents.vector_store_id = entry.id
  ) as counted`

const EXPIRED = 'last_active_at + make_interval(days => expires_after_days) <= now()'

export function createVectorStores(): VectorStores {
  return {
    async insert(transaction, store) {
      await transaction.query(
        `insert into vector_stores
           (tenant_id, id, name, metadata, created_at, last_active_at, expires_after_days, chunk_tokens, chunk_overlap_tokens)
         values ($1, $2, $3, $4::jsonb, $5, $5, $6, $7, $8)`,
        [
          transaction.tenantId,
          store.id,
          store.name,
          storableJson(store.metadata),
          store.createdAt,
          store.expiresAfterDays,
          store.chunkSize?.maxTokens ?? null,
          store.chunkSize?.overlapTokens ?? null,
        ],
      )
    },

    async get(transaction, id) {
      const [row] = await transaction.query<StoreRow>(
        `${SELECT} where entry.tenant_id = $1 and entry.id = $2`,
        [transaction.tenantId, id],
      )
      return row === undefined ? null : toStore(row)
    },

    async getAll(transaction, ids) {
      const rows = await transaction.query<StoreRow>(
        `${SELECT} where entry.tenant_id = $1 and entry.id = any($2::text[])`,
        [transaction.tenantId, ids],
      )
      return rows.map(toStore)
    },

    async findByName(transaction, name) {
      const [row] = await transaction.query<StoreRow>(
        `${SELECT} where entry.tenant_id = $1 and entry.name = $2 order by created_at, entry.id limit 1`,
        [transaction.tenantId, name],
      )
      return row === undefined ? null : toStore(row)
    },

    async list(transaction, cursor) {
      const source = {
        select: SELECT,
        table: 'vector_stores',
        id: 'id',
        within: { tenant_id: transaction.tenantId },
        only: {},
        also: () => [`(${EXPIRED}) is not true`],
      }
      return (await selectPage<StoreRow>(transaction, source, cursor)).map(toStore)
    },

    async update(transaction, id, change) {
      const { name, metadata, expiresAfterDays } = change
      const rows = await transaction.query(
        `update vector_stores set
           name = coalesce($3, name),
           metadata = coalesce($4::jsonb, metadata),
           expires_after_days = case when $5 then $6::integer else expires_after_days end
         where tenant_id = $1 and id = $2 returning id`,
        [
          transaction.tenantId,
          id,
          name ?? null,
          metadata === undefined ? null : storableJson(metadata),
          expiresAfterDays !== undefined,
          expiresAfterDays ?? null,
        ],
      )
      return rows.length > 0
    },

    async touch(transaction, ids) {
      // A store that somebody else is changing is active as it is: nobody waits for its row.
      await transaction.query(
        `with free as (
           select id from vector_stores
           where tenant_id = $1 and id = any($2::text[]) and last_active_at < now() - interval '1 minute'
             and (${EXPIRED}) is not true
           order by id for update skip locked)
         update vector_stores set last_active_at = now() where tenant_id = $1 and id in (select id from free)`,
        [transaction.tenantId, ids],
      )
    },

    async expired(transaction, limit) {
      const rows = await transaction.query<{ id: string }>(
        `select id from vector_stores where tenant_id = $1 and ${EXPIRED} order by id limit $2`,
        [transaction.tenantId, limit],
      )
      return rows.map((row) => row.id)
    },

    async delete(transaction, id) {
      // Documents before their store: the lock order of dropDocuments.
      const documents = await transaction.query<{ text_sha256: string | null }>(
        `select text_sha256 from documents
         where tenant_id = $1 and vector_store_id = $2 order by file_id for update`,
        [transaction.tenantId, id],
      )
      const gone = await transaction.query(
        'delete from vector_stores where tenant_id = $1 and id = $2 returning id',
        [transaction.tenantId, id],
      )
      if (gone.length === 0) return null
      await transaction.query('delete from chunks where tenant_id = $1 and vector_store_id = $2', [
        transaction.tenantId,
        id,
      ])
      const hashes = documents.map((document) => document.text_sha256)
      return { orphans: await findOrphans(transaction, hashes) }
    },
  }
}

interface StoreRow {
  readonly id: string
  readonly name: string
  readonly metadata: Readonly<Record<string, string>>
  readonly created_at: Date
  readonly last_active_at: Date
  readonly expires_after_days: number | null
  readonly chunk_tokens: number | null
  readonly chunk_overlap_tokens: number | null
  readonly version: number
  readonly usage_bytes: number
  readonly in_progress: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
  readonly total: number
}

function toStore(row: StoreRow): VectorStoreRecord {
  const { in_progress, completed, failed, cancelled, total } = row
  return {
    id: row.id,
    name: row.name,
    metadata: row.metadata,
    createdAt: row.created_at,
    lastActiveAt: row.last_active_at,
    expiresAfterDays: row.expires_after_days,
    chunkSize:
      row.chunk_tokens === null
        ? null
        : { maxTokens: row.chunk_tokens, overlapTokens: row.chunk_overlap_tokens ?? 0 },
    version: row.version,
    usageBytes: row.usage_bytes,
    fileCounts: { in_progress, completed, failed, cancelled, total },
  }
}
