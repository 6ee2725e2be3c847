import type pg from 'pg'
import { toHalfVector } from '../../src/storage/half-vector.ts'
import type { Passage } from './passages.ts'
import type { BenchTenant } from './tenants.ts'

export interface PlacedPassage {
  readonly id: number
  readonly tenant: BenchTenant
  /** Of its tenant's passages, from 0. */
  readonly place: number
  readonly passage: Passage
}

const CHUNKS_OF_A_DOCUMENT = 10

/** Rows as the product writes them; ten chunks are a document. */
export async function insertBatch(
  client: pg.PoolClient,
  table: string,
  rows: readonly PlacedPassage[],
): Promise<void> {
  const column = (value: (row: PlacedPassage) => unknown) => rows.map(value)
  const tenants = column(({ tenant }) => tenant.id)
  const stores = column(({ tenant }) => tenant.storeId)
  const files = column(fileOf)
  const first = rows.filter(({ place }) => place % CHUNKS_OF_A_DOCUMENT === 0)
  const documents = [
    first.map(({ tenant }) => tenant.id),
    first.map(({ tenant }) => tenant.storeId),
    first.map(fileOf),
    first.map(({ tenant, place }) => Math.min(CHUNKS_OF_A_DOCUMENT, tenant.chunks - place)),
  ]
  await client.query(INSERT_FILES, [documents[0], documents[2]])
  await client.query(INSERT_DOCUMENTS, documents)
  await client.query(INSERT_CHUNKS, [
    tenants,
    column(({ id }) => id),
    stores,
    files,
    column(({ place }) => place % CHUNKS_OF_A_DOCUMENT),
    column(({ passage }) => passage.text),
    column(({ passage }) => passage.context),
    column(({ passage }) => passage.tokens),
  ])
  await client.query(insertVectors(table, rows.length), [
    tenants,
    column(({ id }) => id),
    stores,
    files,
    ...rows.map(({ passage }) => toHalfVector(passage.vector)),
  ])
}

const fileOf = ({ tenant, place }: PlacedPassage): string =>
  `file-${tenant.id.slice(-4)}-${Math.floor(place / CHUNKS_OF_A_DOCUMENT)}`

const INSERT_FILES = `
  insert into files (tenant_id, id, filename, purpose, bytes, sha256, created_at)
  select tenant, file, file || '.md', 'assistants', 10000, md5(file), now() from unnest($1::text[], $2::text[]) as made (tenant, file)`
const INSERT_DOCUMENTS = `
  insert into documents (tenant_id, vector_store_id, file_id, status, stage, chunk_tokens, chunk_overlap_tokens, media_type,
    title, text_sha256, text_bytes, chunk_count, chunks_embedded, created_at)
  select tenant, store, file, 'completed', 'index', 256, 32, 'text/markdown', file, md5(file), 10000, chunks, chunks, now()
  from unnest($1::text[], $2::text[], $3::text[], $4::integer[]) as made (tenant, store, file, chunks)`
const INSERT_CHUNKS = `
  insert into chunks (tenant_id, id, vector_store_id, file_id, ordinal, start_byte, end_byte, text, context, headings, page, tokens)
  overriding system value
  select tenant, id, store, file, ordinal, ordinal * 1000, (ordinal + 1) * 1000, text, context, array[context], null, tokens
  from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::integer[])
    as made (tenant, id, store, file, ordinal, text, context, tokens)`

const FIRST_VECTOR = 5
const insertVectors = (table: string, count: number) => `
  insert into ${table} (tenant_id, chunk_id, vector_store_id, file_id, embedding)
  select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[],
    array[${Array.from({ length: count }, (_, place) => `$${FIRST_VECTOR + place}`).join(', ')}]::halfvec[])`
