import type { SourceSyncs } from '../core/ports/sources.ts'
import type { SyncAction, SyncNote, SyncRecord, SyncStatus, SyncTrigger } from '../core/source.ts'
import { selectPage } from './page-sql.ts'

const SELECT = `
  select entry.*, source.vector_store_id from source_syncs as entry
  join sources as source on source.tenant_id = entry.tenant_id and source.id = entry.source_id`
const THIS_ONE = 'entry.tenant_id = $1 and entry.id = $2'
const RUNS = `status in ('queued', 'running')`

// What a dry run would do is counted as if it were done.
const CONCLUDE = `
  update source_syncs as entry set status = $3, listed = greatest(listed, $4), unchanged = greatest(unchanged, $5), error_code = $6, error_message = $7,
    finished_at = now(), added = noted.added, changed = noted.changed, deleted = noted.deleted, skipped = noted.skipped,
    failed = noted.failed, held = noted.held, bytes = noted.bytes
  from (
    select count(*) filter (where action = 'added') as added, count(*) filter (where action = 'changed') as changed,
      count(*) filter (where action = 'deleted') as deleted, count(*) filter (where action = 'skipped') as skipped,
      count(*) filter (where action = 'failed') as failed, count(*) filter (where action = 'held') as held,
      coalesce(sum(bytes) filter (where action in ('added', 'changed')), 0) as bytes
    from source_sync_documents where tenant_id = $1 and sync_id = $2) as noted
  where ${THIS_ONE} and ${RUNS}`

export function createSourceSyncs(): SourceSyncs {
  const one: SourceSyncs['get'] = async (transaction, id) => {
    const [row] = await transaction.query<SyncRow>(`${SELECT} where ${THIS_ONE}`, [
      transaction.tenantId,
      id,
    ])
    return row === undefined ? null : toSync(row)
  }
  return {
    async insert(transaction, sync) {
      await transaction.query(
        `insert into source_syncs (tenant_id, id, source_id, trigger, dry_run, keys, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [
          transaction.tenantId,
          sync.id,
          sync.sourceId,
          sync.trigger,
          sync.dryRun,
          sync.keys,
          sync.createdAt,
        ],
      )
    },

    get: one,

    async findQueued(transaction, sourceId, dryRun) {
      const [row] = await transaction.query<SyncRow>(
        `${SELECT} where entry.tenant_id = $1 and entry.source_id = $2 and entry.status = 'queued' and entry.dry_run = $3
         order by entry.created_at limit 1 for update of entry`,
        [transaction.tenantId, sourceId, dryRun],
      )
      return row === undefined ? null : toSync(row)
    },

    async newest(transaction, sourceId) {
      const [row] = await transaction.query<SyncRow>(
        `${SELECT} where entry.tenant_id = $1 and entry.source_id = $2 and not entry.dry_run
         order by entry.created_at desc, entry.id desc limit 1`,
        [transaction.tenantId, sourceId],
      )
      return row === undefined ? null : toSync(row)
    },

    async list(transaction, sourceId, cursor) {
      const source = {
        select: SELECT,
        table: 'source_syncs',
        id: 'id',
        within: { tenant_id: transaction.tenantId, source_id: sourceId },
        only: {},
      }
      return (await selectPage<SyncRow>(transaction, source, cursor)).map(toSync)
    },

    async setKeys(transaction, id, keys) {
      await transaction.query(
        `update source_syncs as entry set keys = $3 where ${THIS_ONE} and status = 'queued'`,
        [transaction.tenantId, id, keys],
      )
    },

    async begin(transaction, id) {
      const rows = await transaction.query(
        `update source_syncs as entry set status = 'running', started_at = coalesce(started_at, now())
         where ${THIS_ONE} and ${RUNS} returning id`,
        [transaction.tenantId, id],
      )
      if (rows.length === 0) return false
      await transaction.query(
        `delete from source_sync_documents
         where tenant_id = $1 and sync_id = $2 and action in ('failed', 'held', 'skipped')`,
        [transaction.tenantId, id],
      )
      return true
    },

    async setProgress(transaction, id, { listed, unchanged }) {
      await transaction.query(
        `update source_syncs as entry set listed = $3, unchanged = $4 where ${THIS_ONE} and status = 'running'`,
        [transaction.tenantId, id, listed, unchanged],
      )
    },

    async conclude(transaction, id, { status, listed, unchanged, error }) {
      await transaction.query(CONCLUDE, [
        transaction.tenantId,
        id,
        status,
        listed,
        unchanged,
        error?.code ?? null,
        error === null ? null : storable(error.message),
      ])
      return one(transaction, id)
    },

    async allow(transaction, id, deletions) {
      await transaction.query(
        `update source_syncs as entry set confirmed = greatest(confirmed, $3) where ${THIS_ONE}`,
        [transaction.tenantId, id, deletions],
      )
    },

    async reopen(transaction, id) {
      const rows = await transaction.query(
        `update source_syncs as entry set status = 'queued', error_code = null, error_message = null, finished_at = null
         where ${THIS_ONE} and status in ('cancelled', 'failed') and not exists (
           select from source_syncs as later
           where later.tenant_id = $1 and later.source_id = entry.source_id and later.dry_run = entry.dry_run
             and (later.created_at, later.id) > (entry.created_at, entry.id))
         returning id`,
        [transaction.tenantId, id],
      )
      return rows.length > 0
    },

    async note(transaction, id, notes) {
      if (notes.length === 0) return
      await transaction.query(
        `insert into source_sync_documents as noted (tenant_id, sync_id, key, action, reason, file_id, bytes)
         select $1, $2, * from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])
         on conflict (tenant_id, sync_id, key) do update
           set action = excluded.action, reason = excluded.reason, file_id = excluded.file_id, bytes = excluded.bytes`,
        [
          transaction.tenantId,
          id,
          notes.map(({ key }) => key),
          notes.map(({ action }) => action),
          notes.map(({ reason }) => (reason === null ? null : storable(reason))),
          notes.map(({ fileId }) => fileId),
          notes.map(({ bytes }) => bytes),
        ],
      )
    },

    async doneKeys(transaction, id) {
      const rows = await transaction.query<{ key: string }>(
        `select key from source_sync_documents
         where tenant_id = $1 and sync_id = $2 and action in ('added', 'changed')`,
        [transaction.tenantId, id],
      )
      return rows.map(({ key }) => key)
    },

    async notes(transaction, id, { action, after, limit }) {
      const rows = await transaction.query<NoteRow>(
        `select key, action, reason, file_id, bytes from source_sync_documents
         where tenant_id = $1 and sync_id = $2 and ($3::text is null or action = $3) and ($4::text is null or key > $4)
         order by key limit $5`,
        [transaction.tenantId, id, action, after, limit],
      )
      return rows.map(({ file_id: fileId, ...row }): SyncNote => ({ ...row, fileId }))
    },

    async prune(transaction, sourceId, { newest, days }) {
      await transaction.query(
        `delete from source_syncs where tenant_id = $1 and source_id = $2 and not ${RUNS} and id in (
           select id from (
             select id, created_at, row_number() over (order by created_at desc, id desc) as place
             from source_syncs where tenant_id = $1 and source_id = $2) as placed
           where place > $3 or (place > 1 and created_at < now() - $4 * interval '1 day'))`,
        [transaction.tenantId, sourceId, newest, days],
      )
    },
  }
}

/** PostgreSQL's text takes neither a zero byte nor half a character. */
const storable = (text: string) => text.toWellFormed().replaceAll('\0', ' ').slice(0, 2_000)

interface NoteRow {
  readonly key: string
  readonly action: SyncAction
  readonly reason: string | null
  readonly file_id: string | null
  readonly bytes: number | null
}

interface SyncRow {
  readonly id: string
  readonly source_id: string
  readonly vector_store_id: string
  readonly trigger: SyncTrigger
  readonly dry_run: boolean
  readonly keys: readonly string[] | null
  readonly confirmed: number
  readonly status: SyncStatus
  readonly listed: number
  readonly unchanged: number
  readonly added: number
  readonly changed: number
  readonly deleted: number
  readonly skipped: number
  readonly failed: number
  readonly held: number
  readonly bytes: number
  readonly error_code: string | null
  readonly error_message: string | null
  readonly created_at: Date
  readonly started_at: Date | null
  readonly finished_at: Date | null
}

function toSync(row: SyncRow): SyncRecord {
  const { listed, unchanged, added, changed, deleted, skipped, failed, held } = row
  return {
    id: row.id,
    sourceId: row.source_id,
    vectorStoreId: row.vector_store_id,
    trigger: row.trigger,
    dryRun: row.dry_run,
    keys: row.keys,
    confirmed: row.confirmed,
    status: row.status,
    counts: { listed, unchanged, added, changed, deleted, skipped, failed, held },
    bytes: row.bytes,
    error:
      row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  }
}
