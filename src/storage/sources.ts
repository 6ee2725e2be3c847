import { AppError } from '../core/errors.ts'
import type { SourceChange, Sources } from '../core/ports/sources.ts'
import type { SourceRecord, SourceSchedule } from '../core/source.ts'
import { selectPage } from './page-sql.ts'
import { storableJson } from './storable-json.ts'

const SELECT = `
  select entry.*, entry.credentials is not null as has_credentials, (
    select count(*)::integer from source_documents as document
    where document.tenant_id = entry.tenant_id and document.source_id = entry.id and file_id is not null) as documents
  from sources as entry`

/** Of each change, the column it is kept in. */
const CHANGED: Readonly<Record<keyof SourceChange, string>> = {
  name: 'name',
  settings: 'settings',
  credentials: 'credentials',
  schedule: 'schedule',
  deleteShare: 'delete_share',
  watched: 'watched',
  pausedAt: 'paused_at',
  removingAt: 'removing_at',
  nextSyncAt: 'next_sync_at',
  updatedAt: 'updated_at',
}

export function createSources(): Sources {
  return {
    async insert(transaction, source) {
      const inserted = transaction.query(
        `insert into sources (tenant_id, id, vector_store_id, name, kind, settings, credentials, schedule, delete_share,
           watched, paused_at, next_sync_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6::jsonb, $7, $8::jsonb, $9, $10, $11, $12, $13, $14)`,
        [
          transaction.tenantId,
          source.id,
          source.vectorStoreId,
          source.name,
          source.kind,
          storableJson(source.settings),
          source.credentials,
          source.schedule === null ? null : storableJson(source.schedule),
          source.deleteShare,
          source.watched,
          source.pausedAt,
          source.nextSyncAt,
          source.createdAt,
          source.updatedAt,
        ],
      )
      await inserted.catch((error: unknown) => {
        const isMissing = error instanceof Error && 'code' in error && error.code === '23503'
        if (!isMissing) throw error
        throw new AppError(
          'resource_not_found',
          `There is no vector store ${source.vectorStoreId}.`,
          { param: 'vector_store_id', cause: error },
        )
      })
    },

    async get(transaction, id) {
      const [row] = await transaction.query<SourceRow>(
        `${SELECT} where entry.tenant_id = $1 and entry.id = $2`,
        [transaction.tenantId, id],
      )
      return row === undefined ? null : toSource(row)
    },

    async lock(transaction, id) {
      const [row] = await transaction.query<SourceRow>(
        `${SELECT} where entry.tenant_id = $1 and entry.id = $2 for update of entry`,
        [transaction.tenantId, id],
      )
      return row === undefined ? null : toSource(row)
    },

    async list(transaction, cursor, { vectorStoreId, kind }) {
      const source = {
        select: SELECT,
        table: 'sources',
        id: 'id',
        within: { tenant_id: transaction.tenantId },
        only: { vector_store_id: vectorStoreId, kind },
      }
      return (await selectPage<SourceRow>(transaction, source, cursor)).map(toSource)
    },

    async update(transaction, id, change) {
      const values: unknown[] = [transaction.tenantId, id]
      const set = Object.entries(CHANGED).flatMap(([member, column]) => {
        const value: unknown = change[member as keyof SourceChange]
        if (value === undefined) return []
        const isJson = value !== null && ['schedule', 'settings'].includes(column)
        const place = `$${values.push(isJson ? storableJson(value) : value)}`
        return [`${column} = ${place}${isJson ? '::jsonb' : ''}`]
      })
      if (set.length === 0) return true
      const rows = await transaction.query(
        `update sources set ${set.join(', ')} where tenant_id = $1 and id = $2 returning id`,
        values,
      )
      return rows.length > 0
    },

    async delete(transaction, id) {
      const rows = await transaction.query(
        'delete from sources where tenant_id = $1 and id = $2 returning id',
        [transaction.tenantId, id],
      )
      return rows.length > 0
    },

    async credentials(transaction, id) {
      const [row] = await transaction.query<{ credentials: string | null }>(
        'select credentials from sources where tenant_id = $1 and id = $2',
        [transaction.tenantId, id],
      )
      return row?.credentials ?? null
    },
  }
}

interface SourceRow {
  readonly id: string
  readonly vector_store_id: string
  readonly name: string
  readonly kind: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly has_credentials: boolean
  readonly schedule: SourceSchedule | null
  readonly delete_share: number
  readonly watched: boolean
  readonly paused_at: Date | null
  readonly removing_at: Date | null
  readonly next_sync_at: Date | null
  readonly created_at: Date
  readonly updated_at: Date
  readonly documents: number
}

function toSource(row: SourceRow): SourceRecord {
  return {
    id: row.id,
    vectorStoreId: row.vector_store_id,
    name: row.name,
    kind: row.kind,
    settings: row.settings,
    hasCredentials: row.has_credentials,
    schedule: row.schedule,
    deleteShare: row.delete_share,
    watched: row.watched,
    pausedAt: row.paused_at,
    removingAt: row.removing_at,
    nextSyncAt: row.next_sync_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    documents: row.documents,
  }
}
