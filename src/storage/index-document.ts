import { NO_CAPS, pastCap, type Caps } from '../core/caps.ts'
import type { Chunk } from '../core/chunk.ts'
import { AppError } from '../core/errors.ts'
import type { Transaction } from '../core/ports/database.ts'
import type { IndexedDocument } from '../core/ports/documents.ts'
import { readChunkChanges } from './chunk-changes.ts'
import { CHUNK_COLUMNS } from './chunk-row.ts'
import { lockContent } from './content-lock.ts'
import { dropDocuments, findOrphans, touchStores, type DoomedDocument } from './drop-documents.ts'
import { readHeld } from './tenant-storage.ts'
import { toHalfVector } from './half-vector.ts'
import { intoSpaces, type ReadWrittenSpaces, type SpaceVectors } from './written-spaces.ts'

const BATCH = 500

/** See `Documents.index`. */
export async function indexDocument(
  transaction: Transaction,
  document: IndexedDocument,
  { spaces, caps }: { readonly spaces: ReadWrittenSpaces; readonly caps: Pick<Caps, 'chunks'> },
): Promise<{ readonly indexed: boolean; readonly orphans: readonly string[] }> {
  const own = [transaction.tenantId, document.vectorStoreId, document.fileId]
  const embedded = intoSpaces(await spaces(transaction), document.vectors)
  const locked = await transaction.query<LockedDocument>(LOCK, own)
  const current = locked.find((row) => row.file_id === document.fileId)
  if (current === undefined || current.status === 'cancelled')
    return { indexed: false, orphans: [] }

  const replaced = locked.filter((row) => row !== current)
  await insistOnChanges(transaction, document)
  for (const kept of ['chunks', 'disabled_chunks'])
    await transaction.query(
      `delete from ${kept} where tenant_id = $1 and vector_store_id = $2 and file_id = $3`,
      own,
    )
  for (const { columns, vectors } of batches(document, embedded)) {
    await transaction.query(insertStatement(vectors), [
      ...own,
      ...columns,
      ...vectors.flatMap((each) => each.vectors),
    ])
  }
  await setAside(transaction, document)
  await touchStores(transaction, [document.vectorStoreId])
  // From here on the tenant's counts are locked, after the stores.
  await dropDocuments(transaction, replaced)
  await transaction.query(
    `update documents set status = 'completed', stage = 'index', error_code = null, error_message = null,
       media_type = $4, title = $5, text_sha256 = $6, text_bytes = $7, chunk_count = $8, chunks_embedded = $8
     where tenant_id = $1 and vector_store_id = $2 and file_id = $3`,
    [
      ...own,
      document.mediaType,
      document.title,
      document.textSha256,
      document.textBytes,
      document.chunks.length,
    ],
  )
  await insistOnRoom(transaction, document, caps)
  const files = await dropUnusedFiles(transaction, replaced)
  // Last: what it locks is not waited for while anything else is still to be locked.
  await transaction.query('select refresh_statistics($1::text[])', [
    embedded.map(({ space }) => space),
  ])
  await lockContent(transaction, document.textSha256)
  const hashes = [...files, ...locked.map((row) => row.text_sha256)]
  return { indexed: true, orphans: await findOrphans(transaction, hashes) }
}

/** Somebody may have changed a chunk since its changes were carried over: another attempt takes them along. */
async function insistOnChanges(transaction: Transaction, document: IndexedDocument): Promise<void> {
  if (document.changes === undefined) return
  const now = await readChunkChanges(transaction, document)
  if (JSON.stringify(now) !== JSON.stringify(document.changes))
    throw new AppError('conflict', 'A chunk was changed while its document was indexed anew.')
}

/** Chunks that no search is to find. */
async function setAside(transaction: Transaction, document: IndexedDocument): Promise<void> {
  const disabled = document.chunks.filter((chunk) => (chunk.disabledAt ?? null) !== null)
  if (disabled.length === 0) return
  await transaction.query(
    `with aside as (
       delete from chunks where tenant_id = $1 and vector_store_id = $2 and file_id = $3 and ordinal = any($4::integer[])
       returning *)
     insert into disabled_chunks (tenant_id, ${CHUNK_COLUMNS}, disabled_at)
     select $1, ${CHUNK_COLUMNS}, disabled.at
     from aside join unnest($4::integer[], $5::timestamptz[]) as disabled (ordinal, at) using (ordinal)`,
    [
      transaction.tenantId,
      document.vectorStoreId,
      document.fileId,
      disabled.map(({ ordinal }) => ordinal),
      disabled.map(({ disabledAt }) => disabledAt),
    ],
  )
}

/** Counted already: what was replaced is gone, what is new is there. */
async function insistOnRoom(
  transaction: Transaction,
  { chunks }: IndexedDocument,
  { chunks: most }: Pick<Caps, 'chunks'>,
): Promise<void> {
  if (most === null) return
  const held = await readHeld(transaction)
  const before = { ...held, chunks: held.chunks - chunks.length }
  const refusal = pastCap({ ...NO_CAPS, chunks: most }, before, { chunks: chunks.length })
  if (refusal !== null) throw refusal
}

interface LockedDocument extends DoomedDocument {
  readonly status: string
}

// The document and the older ones with its source key, which it replaces.
const LOCK = `
  select vector_store_id, file_id, status, text_sha256 from documents
  where tenant_id = $1 and vector_store_id = $2 and file_id = any(array(
    select $3
    union all
    select older.file_id from documents as newer
    join documents as older on older.tenant_id = $1 and older.vector_store_id = $2 and older.source_key = newer.source_key
      and (older.created_at, older.file_id) < (newer.created_at, newer.file_id)
    where newer.tenant_id = $1 and newer.vector_store_id = $2 and newer.file_id = $3))
  order by file_id for update`

/** The files of replaced documents that no store holds any longer go. Gives their blobs. */
async function dropUnusedFiles(
  transaction: Transaction,
  replaced: readonly DoomedDocument[],
): Promise<readonly string[]> {
  if (replaced.length === 0) return []
  const files = await transaction.query<{ sha256: string }>(
    `delete from files where tenant_id = $1 and id = any($2::text[])
       and not exists (select from documents where documents.tenant_id = $1 and file_id = files.id)
     returning sha256`,
    [transaction.tenantId, replaced.map((document) => document.file_id)],
  )
  return files.map((file) => file.sha256)
}

// Columns as arrays: ten thousand chunks are twenty statements, whatever the limit of 65,535 parameters.
// Headings travel as JSON, because unnest flattens an array of arrays.
const INSERT_CHUNKS = `
  with inserted as (
    insert into chunks (tenant_id, vector_store_id, file_id, ordinal, start_byte, end_byte, text, context, headings, page, tokens, later_pages, origin_text, edited_at)
    select $1, $2, $3, ordinal, start_byte, end_byte, text, context,
      array(select jsonb_array_elements_text(headings::jsonb)), page, tokens, later_pages::jsonb, origin_text, edited_at
    from unnest($4::integer[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::integer[], $11::integer[], $12::text[], $13::text[], $14::timestamptz[])
      as chunk (ordinal, start_byte, end_byte, text, context, headings, page, tokens, later_pages, origin_text, edited_at)
    order by ordinal
    returning id, ordinal)`
// One binary parameter a vector: 500 of 384 dimensions in 8 ms on either backend, where an array of their texts took
// 100 ms (PGlite: 350) and one binary array of floats, cut up again, 16 ms (PGlite: 40).
const FIRST_VECTOR = 15
const insertVectors = (table: string, from: number, count: number) => `
  insert into ${table} (tenant_id, chunk_id, vector_store_id, file_id, embedding)
  select $1, inserted.id, $2, $3, embedded.vector
  from unnest($4::integer[], array[${Array.from({ length: count }, (_, index) => `$${from + index}`).join(', ')}]::halfvec[])
    as embedded (ordinal, vector)
  join inserted using (ordinal)`

/** The chunks with their vectors in every space. */
function insertStatement(spaces: Batch['vectors']): string {
  let next = FIRST_VECTOR
  const inserts = spaces.map(({ table, vectors }, place) => {
    const insert = insertVectors(table, next, vectors.length)
    next += vectors.length
    return `into_${place} as (${insert})`
  })
  return `${[INSERT_CHUNKS, ...inserts].join(', ')} select from inserted limit 0`
}

interface Batch {
  readonly columns: readonly (readonly unknown[])[]
  readonly vectors: readonly { readonly table: string; readonly vectors: readonly Buffer[] }[]
}

function* batches({ chunks }: IndexedDocument, spaces: readonly SpaceVectors[]): Generator<Batch> {
  for (const { vectors } of spaces)
    if (vectors.length !== chunks.length)
      throw new Error(`${vectors.length} vectors for ${chunks.length} chunks`)
  for (let from = 0; from < chunks.length; from += BATCH) {
    const some = chunks.slice(from, from + BATCH)
    const column = (value: (chunk: Chunk) => unknown) => some.map(value)
    yield {
      columns: [
        column((chunk) => chunk.ordinal),
        column((chunk) => chunk.start),
        column((chunk) => chunk.end),
        column((chunk) => chunk.text),
        column((chunk) => chunk.context),
        column((chunk) => JSON.stringify(chunk.headings)),
        column((chunk) => chunk.page),
        column((chunk) => chunk.tokens),
        column((chunk) => JSON.stringify(chunk.laterPages ?? [])),
        column((chunk) => chunk.originText ?? null),
        column((chunk) => chunk.editedAt ?? null),
      ],
      vectors: spaces.map(({ table, vectors }) => ({
        table,
        vectors: vectors.slice(from, from + BATCH).map(toHalfVector),
      })),
    }
  }
}
