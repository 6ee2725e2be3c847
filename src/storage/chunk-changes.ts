import type { ChunkChange } from '../core/ports/chunks.ts'
import type { Transaction } from '../core/ports/database.ts'

// Of the document itself and of the older ones with its source key, which it replaces; the newest version first.
const CHANGES = `
  with versions as (
    select $3::text as file_id, now() as created_at
    union all
    select older.file_id, older.created_at from documents as newer
    join documents as older on older.tenant_id = $1 and older.vector_store_id = $2 and older.source_key = newer.source_key
      and (older.created_at, older.file_id) < (newer.created_at, newer.file_id)
    where newer.tenant_id = $1 and newer.vector_store_id = $2 and newer.file_id = $3)
  select coalesce(origin_text, text) as origin_text, case when origin_text is not null then text end as text,
    tokens, edited_at, disabled_at
  from versions join (
    select file_id, ordinal, text, origin_text, tokens, edited_at, null::timestamptz as disabled_at
    from chunks where tenant_id = $1 and vector_store_id = $2 and file_id in (select file_id from versions)
      and origin_text is not null
    union all
    select file_id, ordinal, text, origin_text, tokens, edited_at, disabled_at
    from disabled_chunks where tenant_id = $1 and vector_store_id = $2 and file_id in (select file_id from versions)
  ) as changed using (file_id)
  order by created_at desc, file_id, ordinal`

/** See `Chunks.changes`. */
export async function readChunkChanges(
  transaction: Transaction,
  { vectorStoreId, fileId }: { readonly vectorStoreId: string; readonly fileId: string },
): Promise<readonly ChunkChange[]> {
  const rows = await transaction.query<ChangeRow>(CHANGES, [
    transaction.tenantId,
    vectorStoreId,
    fileId,
  ])
  return rows.map((row) => ({
    originText: row.origin_text,
    text: row.text,
    tokens: row.tokens,
    editedAt: row.edited_at,
    disabledAt: row.disabled_at,
  }))
}

interface ChangeRow {
  readonly origin_text: string
  readonly text: string | null
  readonly tokens: number
  readonly edited_at: Date | null
  readonly disabled_at: Date | null
}
