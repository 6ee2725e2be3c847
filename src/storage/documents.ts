import { NO_CAPS, pastCap } from '../core/caps.ts'
import { AppError, type ErrorCode } from '../core/errors.ts'
import type { Attributes } from '../core/filter.ts'
import type {
  DocumentRecord,
  DocumentStatus,
  Documents,
  IngestStage,
} from '../core/ports/documents.ts'
import { dropDocuments, findOrphans, touchStores, type DoomedDocument } from './drop-documents.ts'
import { isOfBatch } from './file-batches.ts'
import { indexDocument } from './index-document.ts'
import { UNEXPIRED } from './files.ts'
import { selectPage } from './page-sql.ts'
import { storableJson } from './storable-json.ts'
import { readHeld } from './tenant-storage.ts'
import { spacesReader, type SpacesOption } from './written-spaces.ts'

const SELECT = `
  select entry.*, files.filename, files.sha256 as file_sha256, files.bytes as file_bytes
  from documents as entry
  join files on files.tenant_id = entry.tenant_id and files.id = entry.file_id`
const THIS_ONE = 'entry.tenant_id = $1 and entry.vector_store_id = $2 and entry.file_id = $3'

/** `space` is where vectors go to; null keeps words alone. */
export function createDocuments({ space }: { readonly space: SpacesOption }): Documents {
  const spaces = spacesReader(space)
  return {
    async insert(transaction, document, caps = NO_CAPS) {
      const inserted = transaction.query(
        `insert into documents (tenant_id, vector_store_id, file_id, attributes, chunk_tokens,
           chunk_overlap_tokens, source_key, batch_id, created_at)
         values ($1, $2, $3, $4::jsonb, $5, $6, $7, $8, $9)
         on conflict (tenant_id, vector_store_id, file_id) do nothing returning file_id`,
        [
          transaction.tenantId,
          document.vectorStoreId,
          document.fileId,
          storableJson(document.attributes),
          document.chunkSize.maxTokens,
          document.chunkSize.overlapTokens,
          document.sourceKey,
          document.batchId,
          document.createdAt,
        ],
      )
      if ((await inserted.catch(asMissing)).length === 0) return false
      if (caps.chunks !== null) {
        const refusal = pastCap(caps, await readHeld(transaction), { chunks: 1 })
        if (refusal !== null) throw refusal
      }
      return true
    },

    async get(transaction, vectorStoreId, fileId) {
      const [row] = await transaction.query<DocumentRow>(`${SELECT} where ${THIS_ONE}`, [
        transaction.tenantId,
        vectorStoreId,
        fileId,
      ])
      return row === undefined ? null : toDocument(row)
    },

    async findBySourceKey(transaction, vectorStoreId, sourceKey) {
      const [row] = await transaction.query<DocumentRow>(
        `${SELECT} where entry.tenant_id = $1 and entry.vector_store_id = $2 and entry.source_key = $3
           and entry.status in ('completed', 'in_progress')
         order by entry.created_at desc, entry.file_id desc limit 1`,
        [transaction.tenantId, vectorStoreId, sourceKey],
      )
      return row === undefined ? null : toDocument(row)
    },

    // oxlint-disable-next-line max-params -- as the port has it
    async list(transaction, vectorStoreId, cursor, only) {
      const source = {
        select: SELECT,
        table: 'documents',
        id: 'file_id',
        within: { tenant_id: transaction.tenantId, vector_store_id: vectorStoreId },
        only: { status: only.status },
        also: (bind: (value: unknown) => string) => [
          UNEXPIRED,
          ...(only.batchId === undefined ? [] : [isOfBatch('entry', bind(only.batchId))]),
        ],
      }
      return (await selectPage<DocumentRow>(transaction, source, cursor)).map(toDocument)
    },

    // oxlint-disable-next-line max-params -- as the port has it
    async setAttributes(transaction, vectorStoreId, fileId, attributes) {
      const rows = await transaction.query(
        `update documents as entry set attributes = $4::jsonb where ${THIS_ONE} returning file_id`,
        [transaction.tenantId, vectorStoreId, fileId, storableJson(attributes)],
      )
      return rows.length > 0
    },

    async setProgress(transaction, { vectorStoreId, fileId }, progress) {
      await transaction.query(
        `update documents as entry set stage = $4, stage_done = $5::real,
           chunk_count = coalesce($6, chunk_count), chunks_embedded = coalesce($7, chunks_embedded),
           pages = coalesce($8::integer, case when not $10 then pages end),
           pages_done = coalesce($9::integer, case when not $10 then pages_done end),
           work_started_at = case when $10 then clock_timestamp() else work_started_at end,
           stage_started_at = case when not $10 and $4 = stage then stage_started_at else clock_timestamp() end
         where ${THIS_ONE} and status = 'in_progress'`,
        [
          transaction.tenantId,
          vectorStoreId,
          fileId,
          progress.stage,
          progress.stageDone ?? null,
          progress.chunkCount ?? null,
          progress.chunksEmbedded ?? null,
          progress.pages ?? null,
          progress.pagesDone ?? null,
          progress.stage === 'parse' && progress.stageDone === undefined,
        ],
      )
    },

    index: (transaction, document, caps = NO_CAPS) =>
      indexDocument(transaction, document, { spaces, caps }),

    async fail(transaction, { vectorStoreId, fileId }, error) {
      await transaction.query(
        `update documents as entry set status = 'failed', error_code = $4, error_message = $5
         where ${THIS_ONE} and status = 'in_progress'`,
        [
          transaction.tenantId,
          vectorStoreId,
          fileId,
          error.code,
          error.message.toWellFormed().replaceAll('\0', ' '),
        ],
      )
    },

    async cancel(transaction, vectorStoreId, batchId) {
      const rows = await transaction.query(
        `with running as (
           select file_id from documents
           where tenant_id = $1 and vector_store_id = $2 and status = 'in_progress' and ($3::text is null or batch_id = $3)
           order by file_id for update)
         update documents set status = 'cancelled'
         where tenant_id = $1 and vector_store_id = $2 and file_id in (select file_id from running)
         returning file_id`,
        [transaction.tenantId, vectorStoreId, batchId],
      )
      return rows.length
    },

    async cancelOne(transaction, { vectorStoreId, fileId }) {
      await transaction.query(
        `update documents as entry set status = 'cancelled' where ${THIS_ONE} and status = 'in_progress'`,
        [transaction.tenantId, vectorStoreId, fileId],
      )
    },

    async reopen(transaction, { vectorStoreId, fileId }) {
      const rows = await transaction.query(
        `update documents as entry set status = 'in_progress', stage = 'queued', error_code = null, error_message = null,
           chunk_count = 0, chunks_embedded = 0, pages = null, pages_done = null, stage_done = null,
           work_started_at = null, stage_started_at = null
         where ${THIS_ONE} and status in ('cancelled', 'failed') returning file_id`,
        [transaction.tenantId, vectorStoreId, fileId],
      )
      return rows.length > 0
    },

    async remove(transaction, vectorStoreId, fileId) {
      const documents = await transaction.query<DoomedDocument>(
        `select vector_store_id, file_id, text_sha256 from documents as entry where ${THIS_ONE} for update`,
        [transaction.tenantId, vectorStoreId, fileId],
      )
      if (documents.length === 0) return null
      await touchStores(
        transaction,
        documents.map((document) => document.vector_store_id),
      )
      await dropDocuments(transaction, documents)
      const hashes = documents.map((document) => document.text_sha256)
      return { orphans: await findOrphans(transaction, hashes) }
    },

    async progress(transaction, vectorStoreId, batchId) {
      const [row] = await transaction.query<ProgressRow>(PROGRESS, [
        transaction.tenantId,
        vectorStoreId,
        batchId,
      ])
      const count = (name: keyof ProgressRow) => row?.[name] ?? 0
      return {
        files: { total: count('files'), done: count('files_done'), failed: count('files_failed') },
        bytes: { total: count('bytes'), done: count('bytes_done') },
        chunks: { total: count('chunks'), done: count('chunks_done') },
      }
    },
  }
}

/** The store or the file is none of the tenant's, or went between the look and the insertion. */
function asMissing(error: unknown): never {
  if (!(error instanceof Error) || !('code' in error) || error.code !== '23503') throw error
  const isFile = 'constraint' in error && String(error.constraint).includes('file_id')
  const message = `There is no such ${isFile ? 'file' : 'vector store'}.`
  throw new AppError('resource_not_found', message, {
    param: isFile ? 'file_id' : 'vector_store_id',
    cause: error,
  })
}

// Cancelled documents are nobody's work. A failed one has had all the work it will get: its bytes count as done. Of one
// under way a fifth counts when it is parsed, another when it is cut, nine tenths when it is embedded.
const PROGRESS = `
  select count(*)::integer as files,
    (count(*) filter (where status = 'completed'))::integer as files_done,
    (count(*) filter (where status = 'failed'))::integer as files_failed,
    coalesce(sum(bytes), 0)::float8 as bytes,
    coalesce(sum(case when status <> 'in_progress' then bytes else floor(bytes * case stage
      when 'parse' then 0.2 * coalesce(stage_done, 0)
      when 'chunk' then 0.2 + 0.2 * coalesce(stage_done, 0)
      when 'embed' then 0.4 + 0.5 * chunks_embedded / greatest(chunk_count, 1)
      when 'index' then 0.9 else 0 end) end), 0)::float8 as bytes_done,
    coalesce(sum(chunk_count) filter (where status <> 'failed'), 0)::float8 as chunks,
    coalesce(sum(case status when 'completed' then chunk_count when 'in_progress' then chunks_embedded end), 0)::float8
      as chunks_done
  from documents
  join files on files.tenant_id = documents.tenant_id and files.id = documents.file_id
  where documents.tenant_id = $1 and vector_store_id = $2 and status <> 'cancelled'
    and ($3::text is null or ${isOfBatch('documents', '$3')})`

type ProgressRow = Readonly<
  Record<
    'bytes' | 'bytes_done' | 'chunks' | 'chunks_done' | 'files' | 'files_done' | 'files_failed',
    number
  >
>

interface DocumentRow {
  readonly vector_store_id: string
  readonly file_id: string
  readonly filename: string
  readonly file_sha256: string
  readonly file_bytes: number
  readonly status: DocumentStatus
  readonly stage: IngestStage
  readonly attributes: Attributes
  readonly chunk_tokens: number
  readonly chunk_overlap_tokens: number
  readonly source_key: string | null
  readonly batch_id: string | null
  readonly error_code: ErrorCode | null
  readonly error_message: string | null
  readonly media_type: string | null
  readonly title: string | null
  readonly text_sha256: string | null
  readonly text_bytes: number
  readonly chunk_count: number
  readonly chunks_embedded: number
  readonly pages: number | null
  readonly pages_done: number | null
  readonly stage_done: number | null
  readonly work_started_at: Date | null
  readonly stage_started_at: Date | null
  readonly created_at: Date
}

function toDocument(row: DocumentRow): DocumentRecord {
  return {
    vectorStoreId: row.vector_store_id,
    fileId: row.file_id,
    filename: row.filename,
    fileSha256: row.file_sha256,
    fileBytes: row.file_bytes,
    status: row.status,
    stage: row.stage,
    attributes: row.attributes,
    chunkSize: { maxTokens: row.chunk_tokens, overlapTokens: row.chunk_overlap_tokens },
    sourceKey: row.source_key,
    batchId: row.batch_id,
    error:
      row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
    mediaType: row.media_type,
    title: row.title,
    textSha256: row.text_sha256,
    textBytes: row.text_bytes,
    chunkCount: row.chunk_count,
    chunksEmbedded: row.chunks_embedded,
    pages: row.pages,
    pagesDone: row.pages_done,
    stageDone: row.stage_done,
    workStartedAt: row.work_started_at,
    stageStartedAt: row.stage_started_at,
    createdAt: row.created_at,
  }
}
