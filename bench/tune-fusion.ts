// Which fusion and which chunk size suit all collections together: both searches run once a size, every k and weight is
// then tried on their rankings.
// Run: RAGSTONE_TEST_DATABASE_URL=… node bench/tune-fusion.ts [--sizes 256+32,400+48] [collection…]   writes bench/results/fusion.json and ways/*.json
import { parseArgs } from 'node:util'
import { findModelFiles, type ModelFiles } from '../src/providers/model-files.ts'
import { createTokenizer } from '../src/providers/tokenizer.ts'
import type { Candidate } from '../src/core/answer.ts'
import { searchableText, type Chunk, type ChunkSize } from '../src/core/chunk.ts'
import { ndcgAt } from '../src/eval/ranking-metrics.ts'
import { fuse } from '../src/answer/fuse/reciprocal-rank.ts'
import { chunkDocument } from '../src/ingest/chunk/chunk.ts'
import { parse } from '../src/ingest/parse/parse.ts'
import { migrate } from '../src/storage/migrate.ts'
import { openPostgres } from '../src/storage/postgres.ts'
import { COLLECTIONS, readCollection, type Collection } from './collection.ts'
import { asMarkdown, embedOnce, PARSE_LIMITS } from './corpus/passages.ts'
import { openCollectionCorpus, type ReadCollection } from './corpus/collection-corpus.ts'
import { createDatabaseOfOwn } from './corpus/open-database.ts'
import { writeResults } from './results.ts'
import { meanOf, scoreWay, WAYS } from './score-ways.ts'

const KS = [2, 5, 10, 20, 40, 60]
/** Weight of the dense search; the lexical one has 1. */
const DENSE_WEIGHTS = [0, 0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 1e6]
/** Of each search. */
const CANDIDATES = [25, 40, 50, 100]
const SETTINGS = KS.flatMap((k) =>
  DENSE_WEIGHTS.flatMap((denseWeight) =>
    CANDIDATES.map((candidates) => ({ k, denseWeight, candidates })),
  ),
)

interface FusionRow {
  readonly collection: string
  readonly maxTokens: number
  readonly overlapTokens: number
  readonly k: number
  readonly denseWeight: number
  readonly candidates: number
  readonly ndcg10: number
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { sizes: { type: 'string', default: '256+32' } },
})
const SIZES: readonly ChunkSize[] = options.sizes.split(',').map((size) => {
  const [maxTokens = 256, overlapTokens = 0] = size.split('+').map(Number)
  return { maxTokens, overlapTokens }
})
const names = positionals.length > 0 ? positionals : [...COLLECTIONS]
const files = await findModelFiles({ directories: [] })
if (files === null) throw new Error('The weights of the local model are not installed.')
const model: ModelFiles = files
const tokenizer = await createTokenizer({ folder: files.folder })
const rows: FusionRow[] = []
for (const name of names) {
  const collection = await readCollection(name)
  for (const size of SIZES) rows.push(...(await measure(collection, size)))
}
await writeResults('fusion', { rows })

/** In a database of its own: how rare a word is, others' documents have no say in. */
async function measure(collection: Collection, size: ChunkSize): Promise<readonly FusionRow[]> {
  const { name } = collection
  const own = await createDatabaseOfOwn()
  const backend = await openPostgres({ url: own.url, maxConnections: 4 })
  try {
    await migrate(backend.pool)
    const corpus = await openCollectionCorpus(backend, model.model)
    const read = await readChunks(collection, size)
    const store = await corpus.fill(read, size)
    const all = await corpus.searchAll(collection, {
      storeId: store.id,
      vectorAt: read.vectorAt,
      candidates: Math.max(...CANDIDATES),
    })
    const found = all.map(withPlaces)
    const tried = SETTINGS.map(({ k, denseWeight, candidates }) => {
      const scores = collection.questions.map(({ judgements }, index) => {
        const some = (found[index] ?? []).map((candidate) => atMost(candidates, candidate))
        const fused = fuse(some, { k, denseWeight, lexicalWeight: 1 })
        const ranking = new Set(fused.map(({ fileId }) => store.documents.get(fileId) ?? ''))
        return ndcgAt(10, [...ranking], judgements)
      })
      const ndcg10 = scores.reduce((sum, score) => sum + score, 0) / scores.length
      return { collection: name, ...size, k, denseWeight, candidates, ndcg10 }
    })
    const ways = Object.entries(WAYS).map(([way, how]) => {
      const scores = collection.questions.map(({ judgements }, index) => {
        const some = (found[index] ?? []).map((one) => atMost(how.candidates, one))
        const documentOf = (fileId: string) => store.documents.get(fileId) ?? ''
        return scoreWay(how, some, { judgements, documentOf })
      })
      const questions = scores.length
      const documents = collection.documents.length
      return { collection: name, way, ...size, questions, documents, ...meanOf(scores) }
    })
    await writeResults(`ways/${name}-${size.maxTokens}+${size.overlapTokens}`, { rows: ways })
    console.log(JSON.stringify(ways))
    console.log(name, size.maxTokens, best(tried))
    return tried
  } finally {
    await backend.close()
    await own.drop()
  }
}

async function readChunks(collection: Collection, size: ChunkSize): Promise<ReadCollection> {
  const read: { documentId: string; title: string | null; chunks: readonly Chunk[] }[] = []
  for (const document of collection.documents) {
    const parsed = await parse(Buffer.from(asMarkdown(document)), 'document.md', PARSE_LIMITS)
    const chunks = chunkDocument(parsed, size, { tokenizer })
    read.push({ documentId: document.id, title: parsed.title, chunks })
  }
  const texts = read.flatMap(({ chunks }) => chunks.map(searchableText))
  const all = await embedOnce([...texts, ...collection.questions.map(({ text }) => text)], model)
  const { dimensions } = model.model
  const at = (place: number) => all.subarray(place * dimensions, (place + 1) * dimensions)
  let from = 0
  return {
    documents: read.map((document) => ({
      ...document,
      vectors: document.chunks.map(() => at(from++)),
    })),
    vectorAt: (place) => at(texts.length + place),
  }
}

interface Found extends Candidate {
  readonly densePlace: number
  readonly lexicalPlace: number
}

function withPlaces(candidates: readonly Candidate[]): readonly Found[] {
  const ranks = fuse(candidates, { k: 1, denseWeight: 1, lexicalWeight: 1 })
  return ranks.map(({ denseRank, lexicalRank, ...candidate }) => ({
    ...candidate,
    densePlace: denseRank ?? Infinity,
    lexicalPlace: lexicalRank ?? Infinity,
  }))
}

/** As if each search had given so many. */
function atMost(candidates: number, found: Found): Found {
  return {
    ...found,
    similarity: found.densePlace <= candidates ? found.similarity : null,
    bm25: found.lexicalPlace <= candidates ? found.bm25 : null,
  }
}

function best(some: readonly FusionRow[]): string {
  const top = some.toSorted((a, b) => b.ndcg10 - a.ndcg10).slice(0, 4)
  const shown = [...top, ...some.filter(({ k, denseWeight }) => k === 10 && denseWeight === 1)]
  return shown
    .map(
      (row) => `k ${row.k} dense ${row.denseWeight} of ${row.candidates}: ${row.ndcg10.toFixed(4)}`,
    )
    .join(' | ')
}
