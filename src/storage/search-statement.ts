import { createHash } from 'node:crypto'
import type { ChunkQuery } from '../core/ports/chunk-index.ts'
import { compileFilter } from './filter-sql.ts'
import { toHalfVector } from './half-vector.ts'

/** Up to so many chunks in scope, the dense search compares all of them: see `dense`. */
const EXACT_DENSE = 5000
/** Up to so many, and less than one in so many of the partition, the lexical search does: see `lexical`. */
const EXACT_LEXICAL = 200
const SPARSE = 150
/** pg_textsearch remembers the rarity of 64 words; for each further one it would open the index again for every row. */
const MAX_WORDS = 64
const MAX_WORD_LENGTH = 256

export interface Statement {
  /** The same for the same text; absent where a filter makes a text of its own. */
  readonly name?: string
  readonly text: string
  readonly values: readonly unknown[]
}

/** Where a tenant's chunks lie. */
export interface TenantPlace {
  readonly partition: number
  /**
   * Whether at least half of all documents and of the partition's chunks are the tenant's. A plan made for any tenant takes
   * each for one of average size, so it is only kept for one that is most of what there is: for a tenant with a quarter of
   * 10,000 chunks among 1,000 tenants a kept plan took a second, and a plan of its own 14 ms.
   */
  readonly prevails: boolean
}

export interface SearchedTables {
  /** The table of the embedding space; null searches by words alone. */
  readonly vectors: string | null
  /** Null when it is not known: then every row says it. */
  readonly place: TenantPlace | null
}

/**
 * Both searches and everything a candidate carries, in one statement. Null when there is nothing to search by.
 *
 * With a kept plan a search of 100k chunks took 6.7 ms instead of 9.4 (least of 70, 50 candidates each, PostgreSQL 18):
 * planning it is 2.8. Over the partitioned table a plan for any tenant merges 16 index scans, and merging asks for the
 * score of every row once more: 45 ms. So the partition is named.
 */
export function searchStatement(
  tenantId: string,
  query: ChunkQuery,
  { vectors, place }: SearchedTables,
): Statement | null {
  const values: unknown[] = [tenantId, query.vectorStoreIds]
  const limit = toLimit(query.candidates)
  const bind = (value: unknown) => `$${values.push(value)}`
  const words = toWords(query.text)
  const embedded = vectors === null ? null : query.vector
  if ((words === '' && embedded === null) || query.vectorStoreIds.length === 0) return null

  const filter = query.filter === null ? null : compileFilter(query.filter, bind)
  const text = toSql({
    filter,
    limit,
    nearest:
      vectors === null || embedded === null
        ? null
        : { table: vectors, vector: bind(toHalfVector(embedded)) },
    score: words === '' ? null : scoreOf(bind(words), place),
    vectors,
    ...partsOf(place),
  })
  const isKept = filter === null && place?.prevails === true
  return isKept ? { text, values, name: nameOf(text) } : { text, values }
}

const chunksOf = (place: TenantPlace | null) =>
  place === null ? 'chunks' : `chunks_${place.partition}`

const partsOf = (place: TenantPlace | null) => ({
  chunks: chunksOf(place),
  partition: place === null ? `('chunks_' || tenant_partition($1))` : `'${chunksOf(place)}'`,
  isPlaceKnown: place !== null,
})

interface SearchParts {
  readonly filter: string | null
  /** The table that is read. */
  readonly chunks: string
  /** The name of the tenant's part of it, in SQL. */
  readonly partition: string
  readonly limit: number
  readonly nearest: { readonly table: string; readonly vector: string } | null
  readonly score: string | null
  readonly vectors: string | null
  readonly isPlaceKnown: boolean
}

function toSql(of: SearchParts): string {
  const filtered = of.filter !== null
  const parts = [scope(of)]
  const hits: string[] = []
  if (of.nearest !== null) {
    parts.push(dense({ ...of.nearest, filtered, limit: of.limit }))
    hits.push('select chunk_id, distance, null::float8 as score from dense')
  }
  if (of.score !== null) hits.push(lexical({ ...of, score: of.score, filtered }))
  return `with ${parts.join(',\n')}\n${candidates({ ...of, hits: hits.join('\n  union all\n  ') })}`
}

const nameOf = (text: string) =>
  `search_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`

/** Written into the statement: a plan that is kept would take a parameter for a tenth of the table. */
function toLimit(candidates: number): number {
  if (!Number.isSafeInteger(candidates) || candidates < 1)
    throw new RangeError(`${candidates} is not a number of candidates.`)
  return candidates
}

/** Words separated by blanks, without what only costs time or is refused. Of very many, the first and the last. */
function toWords(text: string): string {
  const words = text
    .toWellFormed()
    .split(/[\s\0]+/u)
    .filter((word) => word !== '')
  if (words.length <= MAX_WORDS) return words.map(shorten).join(' ')
  const distinct = [...new Set(words)]
  const some = new Set([...distinct.slice(0, MAX_WORDS / 2), ...distinct.slice(-MAX_WORDS / 2)])
  return [...some].map(shorten).join(' ')
}

const shorten = (word: string) => word.slice(0, MAX_WORD_LENGTH).toWellFormed()

const IN_SCOPE = `tenant_id = $1 and vector_store_id = any($2)`

/** So many documents usually have more chunks than matter. */
const DOCUMENTS_ASKED_FIRST = 600

/**
 * How many chunks may be found at all, which with the size of the partition decides how they are searched. With a
 * filter the documents know. Without, the first documents of a store are asked, and where these are of few chunks,
 * chunks are counted up to where the answer no longer matters (1.1 ms; asking 600 documents, 0.3).
 */
const scope = (of: Pick<SearchParts, 'chunks' | 'filter' | 'partition'>) => `${
  of.filter === null
    ? ''
    : `matching as materialized (
  select vector_store_id, file_id, chunk_count from documents
  where ${IN_SCOPE} and status = 'completed' and ${of.filter}),
`
}scope as materialized (
  select chunks, chunks <= ${EXACT_LEXICAL}
    and chunks * ${SPARSE} < (select reltuples from pg_class where oid = ${of.partition}::regclass) as is_sparse
  from (${of.filter === null ? countChunks(of.chunks) : 'select coalesce(sum(chunk_count), 0) as chunks from matching'}) as counted)`

const countChunks = (chunks: string) => `
  select case when first.chunks > ${EXACT_DENSE} then first.chunks else (
    select count(*) from (
      select from ${chunks} where ${IN_SCOPE} limit ${EXACT_DENSE + 1}) as counted) end as chunks
  from (
    select sum(chunk_count) as chunks from (
      select chunk_count from documents where ${IN_SCOPE} limit ${DOCUMENTS_ASKED_FIRST}) as asked) as first`

/** `is true` keeps the planner from making a join of it, which would lose the order that the index gives. */
const among = (filtered: boolean) =>
  filtered
    ? 'and ((vector_store_id, file_id) in (select vector_store_id, file_id from matching)) is true'
    : ''
const every = (table: string, filtered: boolean) =>
  filtered ? `matching join ${table} using (vector_store_id, file_id)` : table

/**
 * Tenants share a partition and its HNSW graph, and the graph is walked past other tenants' vectors until
 * hnsw.max_scan_tuples (20,000) have been seen. A small scope, or one whose neighbourhood is crowded with others'
 * vectors, would come back short; so a small scope is compared whole, and so is a larger one that the walk came back
 * short from. Measured on PostgreSQL 18 with 20k vectors of 384 dimensions and 24 tenants in one partition: 5 ms by
 * the graph for a tenant with half of them, 50 ms where 13,000 of another tenant's were nearer; compared whole, 3 µs a
 * vector. relaxed_order gives them only nearly in order, and the last line of the statement puts that right.
 */
const dense = (of: {
  table: string
  vector: string
  filtered: boolean
  limit: number
}) => `nearest as materialized (
  select chunk_id, embedding <=> ${of.vector}::halfvec as distance from ${of.table}
  where ${IN_SCOPE} ${among(of.filtered)} and (select chunks from scope) > ${EXACT_DENSE}
  order by embedding <=> ${of.vector}::halfvec limit ${of.limit}),
dense as (
  (select chunk_id, distance from (
    select chunk_id, embedding <=> ${of.vector}::halfvec as distance from ${every(of.table, of.filtered)}
    where ${IN_SCOPE} and (select count(*) from nearest) < least(${of.limit}, (select chunks from scope)) offset 0) as compared
  order by distance limit ${of.limit})
  union all
  select chunk_id, distance from nearest where (select count(*) from nearest) >= least(${of.limit}, (select chunks from scope)))`

/** Negative BM25 of a row of `chunks`, in the index of the tenant's own partition; 0 without any of the words. */
const scoreOf = (words: string, place: TenantPlace | null) =>
  `(context || E'\\n' || text) <@> to_bm25query(${words}, ${
    place === null
      ? `(select 'chunks_' || tenant_partition($1) || '_bm25')`
      : `'${chunksOf(place)}_bm25'`
  })`

/**
 * The index gives the best rows of the partition and goes on until enough of them are in scope, through everybody's
 * matches if need be (100,000 at most). Scoring a row by itself opens the index anew for it, which costs as much as
 * going past a hundred others or more (bench/measure-lexical-ways.ts): the better way only for few rows in a partition
 * that is crowded with others'. One that has not been counted yet is small.
 *
 * The index scan knows the scores, but a plan asks for them again row by row unless three things hold: they are only
 * ordered by, never selected; the scan is in no CTE; and what reads them pulls one row after the other. So they are
 * taken from what the scan came to last: 1.1 ms instead of 22 for 100 rows.
 */
const lexical = (of: {
  chunks: string
  score: string
  filtered: boolean
  limit: number
}) => `select chunk_id, null::float8 as distance, bm25_get_current_score() as score from (
    select id as chunk_id from ${of.chunks}
    where ${IN_SCOPE} ${among(of.filtered)} and not (select is_sparse from scope)
    order by ${of.score} limit ${of.limit}) as best
  union all
  (select chunk_id, null::float8, score from (
    select id as chunk_id, ${of.score} as score from ${every(of.chunks, of.filtered)}
    where ${IN_SCOPE} and (select is_sparse from scope) offset 0) as compared
  where score < 0 order by score limit ${of.limit})`

/**
 * Had the planner read and sorted the rows instead of scanning the index, no scan would have come to any of them, and
 * all had the same score, that of some search before; so scores that are all the same are asked for again.
 */
const bm25 = (score: string) =>
  `case when found.score is not null then -(case when found.doubtful then ${score} else found.score end) end`

const PLACE = `(select jsonb_build_object('partition', part, 'prevails',
    2 * (select count(*) from documents where tenant_id = $1)
      >= (select reltuples from pg_class where oid = 'documents'::regclass)
    and 2 * (select count(*) from chunks where tenant_id = $1)
      >= (select reltuples from pg_class where oid = ('chunks_' || part)::regclass))
  from tenant_partition($1) as part)`

/**
 * One lookup by primary key a hit. Neither a join that the planner may turn round (it read a whole partition: 140 ms)
 * nor `coalesce` around a key, which row-level security keeps from using an index (it is not leakproof: 190 ms).
 * Each lookup is fenced by `offset 0`: a plan that is kept takes a tenant for one with a single document, and then read
 * all documents of a large one for every hit (1 ms a hit); `|| ''` keeps it from the indexes of a store's documents.
 */
const candidates = (of: {
  hits: string
  score: string | null
  vectors: string | null
  chunks: string
  isPlaceKnown: boolean
}) => `select candidate.*, title, attributes, filename, ${of.vectors === null ? 'null::bytea as vector' : 'vector'},
  1 - found.distance as similarity,
  ${of.isPlaceKnown ? 'null::jsonb' : PLACE} as place
from (
  select chunk_id, max(distance) as distance, min(score) as score,
    min(min(score)) over () = max(min(score)) over () as doubtful
  from (${of.hits}) as hits group by chunk_id) as found
cross join lateral (
  select chunks.id::text as id, chunks.vector_store_id, chunks.file_id, ordinal,
    start_byte, end_byte, text, context, headings, page, later_pages, tokens, origin_text,
    ${of.score === null ? 'null::float8' : `nullif(${bm25(of.score)}, 0)`} as bm25
  from ${of.chunks} as chunks
  where chunks.tenant_id = $1 and chunks.id = found.chunk_id
  offset 0) as candidate
cross join lateral (
  select title, attributes from documents
  where documents.tenant_id = $1 and documents.file_id = candidate.file_id
    and documents.vector_store_id || '' = candidate.vector_store_id and status = 'completed'
  offset 0) as document
cross join lateral (
  select filename from files
  where files.tenant_id = $1 and files.id = candidate.file_id
    and (files.expires_at is null or files.expires_at > now())
  offset 0) as file
${
  of.vectors === null
    ? ''
    : `left join lateral (
  select halfvec_send(embedding) as vector from ${of.vectors} as stored
  where stored.tenant_id = $1 and stored.chunk_id = found.chunk_id
  offset 0) as stored on true`
}
where found.distance is not null or candidate.bm25 is not null
order by found.distance nulls last, candidate.bm25 desc nulls last, candidate.id`
