import { AppError } from '../core/errors.ts'
import type { Chunks, CitingAnswer, StoredChunk } from '../core/ports/chunks.ts'
import type { Transaction } from '../core/ports/database.ts'
import { readChunkChanges } from './chunk-changes.ts'
import { CHUNK_COLUMNS, toStoredChunk, type ChunkRow } from './chunk-row.ts'
import { touchStores } from './drop-documents.ts'
import { toHalfVector } from './half-vector.ts'
import { intoSpaces, spacesReader, type SpacesOption } from './written-spaces.ts'

/** An id of a chunk; what is none names nothing. */
const ID = /^[1-9]\d{0,17}$/

// The document is asked for too: whoever may not see it sees no chunk of it.
const from = (where: string) => `
  select found.*, files.filename from (
    select ${CHUNK_COLUMNS}, null::timestamptz as disabled_at from chunks where tenant_id = $1 and ${where}
    union all
    select ${CHUNK_COLUMNS}, disabled_at from disabled_chunks where tenant_id = $1 and ${where}) as found
  join documents on documents.tenant_id = $1 and documents.vector_store_id = found.vector_store_id
    and documents.file_id = found.file_id
  join files on files.tenant_id = $1 and files.id = found.file_id`
const OF_DOCUMENT = 'vector_store_id = $2 and file_id = $3'

/** `space` is where vectors go to; null keeps words alone. */
export function createChunks({ space }: { readonly space: SpacesOption }): Chunks {
  const spaces = spacesReader(space)

  const get = async (transaction: Transaction, id: string) => {
    if (!ID.test(id)) return null
    const values = [transaction.tenantId, id]
    const [row] = await transaction.query<ChunkRow>(from('id = $2'), values)
    return row === undefined ? null : toStoredChunk(row)
  }

  return {
    get,
    async list(transaction, { vectorStoreId, fileId }, { behind, limit }) {
      const rows = await transaction.query<ChunkRow>(
        `${from(`${OF_DOCUMENT} and ordinal > $4`)} order by ordinal limit $5`,
        [transaction.tenantId, vectorStoreId, fileId, behind ?? -1, limit + 1],
      )
      return rows.map(toStoredChunk)
    },

    async neighbours(transaction, chunk, count) {
      const { vectorStoreId, fileId, ordinal } = chunk
      const rows = await transaction.query<ChunkRow>(
        `${from(`${OF_DOCUMENT} and ordinal between $4 and $5 and ordinal <> $6`)} order by ordinal`,
        [
          transaction.tenantId,
          vectorStoreId,
          fileId,
          Math.max(0, ordinal - count),
          ordinal + count,
          ordinal,
        ],
      )
      const all = rows.map(toStoredChunk)
      return {
        before: all.filter((each) => each.ordinal < ordinal),
        after: all.filter((each) => each.ordinal > ordinal),
      }
    },

    async replace(transaction, before, { chunk, vectors }) {
      const isFound = chunk.disabledAt === null
      const written = await spaces(transaction)
      const embedded = isFound ? intoSpaces(written, vectors) : []
      const document = [transaction.tenantId, before.vectorStoreId, before.fileId]
      // What indexes the document waits, and so does whoever changes another of its chunks.
      await transaction.query(
        `select from documents where tenant_id = $1 and ${OF_DOCUMENT} for update`,
        document,
      )
      const now = await get(transaction, before.id)
      if (now === null) return null
      if (stateOf(now) !== stateOf(before)) {
        throw new AppError(
          'conflict',
          'The chunk was changed by somebody else meanwhile: read it again, then change it.',
        )
      }
      // A row of its own again, so that the vectors of every space go with the old one.
      for (const table of ['chunks', 'disabled_chunks'])
        await transaction.query(`delete from ${table} where tenant_id = $1 and id = $2`, [
          transaction.tenantId,
          before.id,
        ])
      await insert(transaction, chunk)
      for (const { table, vectors: made } of embedded)
        for (const vector of made)
          await transaction.query(
            `insert into ${table} (tenant_id, vector_store_id, file_id, chunk_id, embedding)
             values ($1, $2, $3, $4, $5::halfvec)`,
            [...document, before.id, toHalfVector(vector)],
          )
      await touchStores(transaction, [before.vectorStoreId])
      return get(transaction, before.id)
    },

    async citedBy(transaction, chunk, { behind, limit }) {
      const rows = await transaction.query<CitingRow>(CITED_BY, [
        transaction.tenantId,
        chunk.vectorStoreId,
        chunk.fileId,
        chunk.start,
        chunk.end,
        behind,
        limit + 1,
      ])
      return rows.map(toCitingAnswer)
    },

    changes: readChunkChanges,
  }
}

/** What a change of it was decided on. */
const stateOf = ({ text, originText, disabledAt, editedAt }: StoredChunk) =>
  JSON.stringify([text, originText, disabledAt, editedAt])

async function insert(transaction: Transaction, chunk: StoredChunk): Promise<void> {
  const isDisabled = chunk.disabledAt !== null
  await transaction.query(
    `insert into ${isDisabled ? 'disabled_chunks' : 'chunks'} (tenant_id, ${CHUNK_COLUMNS}${isDisabled ? ', disabled_at' : ''})
     ${isDisabled ? '' : 'overriding system value'}
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, array(select jsonb_array_elements_text($10::jsonb)), $11, $12::jsonb, $13, $14, $15
       ${isDisabled ? ', $16' : ''})`,
    [
      transaction.tenantId,
      chunk.id,
      chunk.vectorStoreId,
      chunk.fileId,
      chunk.ordinal,
      chunk.start,
      chunk.end,
      chunk.text,
      chunk.context,
      JSON.stringify(chunk.headings),
      chunk.page,
      JSON.stringify(chunk.laterPages ?? []),
      chunk.tokens,
      chunk.originText,
      chunk.editedAt,
      ...(isDisabled ? [chunk.disabledAt] : []),
    ],
  )
}

// Chunks overlap, and come and go: what was cited is known by its bytes.
const CITED_BY = `
  select cited.answer_id, min(cited.created_at) as created_at, trace ->> 'question' as question,
    jsonb_agg(jsonb_build_object('start', start_byte, 'end', end_byte, 'quote', quote) order by place) as quotes
  from answer_citations as cited
  join answer_traces on answer_traces.tenant_id = $1 and answer_traces.answer_id = cited.answer_id
  where cited.tenant_id = $1 and vector_store_id = $2 and file_id = $3 and start_byte >= $4 and end_byte <= $5
    and ($6::text is null or (cited.created_at, cited.answer_id) < (
      select created_at, answer_id from answer_traces where tenant_id = $1 and answer_id = $6))
  group by cited.answer_id, question
  order by created_at desc, cited.answer_id desc limit $7`

interface CitingRow {
  readonly answer_id: string
  readonly created_at: Date
  readonly question: string
  readonly quotes: CitingAnswer['quotes']
}

function toCitingAnswer(row: CitingRow): CitingAnswer {
  return {
    answerId: row.answer_id,
    question: row.question,
    createdAt: row.created_at,
    quotes: row.quotes,
  }
}
