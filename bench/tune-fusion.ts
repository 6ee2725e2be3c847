// Which fusion and which chunk size suit all collections together: both searches run once a size, every k and weight is
// then tried on their rankings.
// Run: RAGSTONE_TEST_DATABASE_URL=… node bench/tune-fusion.ts [collection…]   writes bench/results/fusion.json
import { createLocalEmbedder } from '../src/providers/local-embedder.ts'
import { findModelFiles } from '../src/providers/model-files.ts'
import { createTokenizer } from '../src/providers/tokenizer.ts'
import type { Candidate } from '../src/core/answer.ts'
import { searchableText, type ChunkSize } from '../src/core/chunk.ts'
import { createId } from '../src/core/id.ts'
import { ndcgAt } from '../src/eval/ranking-metrics.ts'
import { fuse } from '../src/answer/fuse/reciprocal-rank.ts'
import { chunkDocument } from '../src/ingest/chunk/chunk.ts'
import { parse } from '../src/ingest/parse/parse.ts'
import { createChunkIndex } from '../src/storage/chunk-index.ts'
import { createDatabase } from '../src/storage/database.ts'
import { createDocuments } from '../src/storage/documents.ts'
import { ensureEmbeddingSpace } from '../src/storage/embedding-space.ts'
import { createFiles } from '../src/storage/files.ts'
import { migrate } from '../src/storage/migrate.ts'
import { openPostgres } from '../src/storage/postgres.ts'
import { createTenants } from '../src/storage/tenants.ts'
import { createVectorStores } from '../src/storage/vector-stores.ts'
import { COLLECTIONS, readCollection, type Collection } from './collection.ts'
import { asMarkdown, PARSE_LIMITS } from './corpus/passages.ts'
import { createDatabaseOfOwn } from './corpus/open-database.ts'
import { writeResults } from './results.ts'

const SIZES: readonly ChunkSize[] = [
  { maxTokens: 256, overlapTokens: 32 },
  { maxTokens: 400, overlapTokens: 48 },
  { maxTokens: 500, overlapTokens: 0 },
]
const KS = [5, 10, 20, 40, 60]
/** Weight of the dense search; the lexical one has 1. */
const DENSE_WEIGHTS = [0, 0.25, 0.5, 0.75, 1, 1.5, 2, 1e6]
const SETTINGS = KS.flatMap((k) => DENSE_WEIGHTS.map((denseWeight) => ({ k, denseWeight })))
const CANDIDATES = 100

interface FusionRow {
  readonly collection: string
  readonly maxTokens: number
  readonly overlapTokens: number
  readonly k: number
  readonly denseWeight: number
  readonly ndcg10: number
}

const names = process.argv.length > 2 ? process.argv.slice(2) : [...COLLECTIONS]
const files = await findModelFiles({ directories: [] })
if (files === null) throw new Error('The weights of the local model are not installed.')
const tokenizer = await createTokenizer({ folder: files.folder })
const embedder = await createLocalEmbedder({ files, threads: 2 })
const own = await createDatabaseOfOwn()
const backend = await openPostgres({ url: own.url, maxConnections: 4 })
const rows: FusionRow[] = []
try {
  await migrate(backend.pool)
  const space = await ensureEmbeddingSpace(backend.pool, {
    model: embedder.id,
    dimensions: embedder.dimensions,
  })
  const { tenantId } = await createTenants(backend.pool).ensureFirst()
  const database = createDatabase(backend)
  const chunkIndex = createChunkIndex({ space })
  for (const name of names) {
    const collection = await readCollection(name)
    for (const size of SIZES) {
      const store = await fill(collection, size)
      const found = await searchAll(collection, store.id)
      const tried = SETTINGS.map(({ k, denseWeight }) => {
        const scores = collection.questions.map(({ judgements }, index) => {
          const fused = fuse(found[index] ?? [], { k, denseWeight, lexicalWeight: 1 })
          const ranking = new Set(fused.map(({ fileId }) => store.documents.get(fileId) ?? ''))
          return ndcgAt(10, [...ranking], judgements)
        })
        const ndcg10 = scores.reduce((sum, score) => sum + score, 0) / scores.length
        return { collection: name, ...size, k, denseWeight, ndcg10 }
      })
      rows.push(...tried)
      console.log(name, size.maxTokens, best(tried))
    }
  }

  async function searchAll(
    { questions }: Collection,
    storeId: string,
  ): Promise<readonly (readonly Candidate[])[]> {
    const found: (readonly Candidate[])[] = []
    for (const { text } of questions) {
      const [vector = null] = await embedder.embed([text], { kind: 'query' })
      const asked = {
        vectorStoreIds: [storeId],
        filter: null,
        text,
        vector,
        candidates: CANDIDATES,
      }
      found.push(await database.transact(tenantId, (within) => chunkIndex.search(within, asked)))
    }
    return found
  }

  async function fill(
    { documents }: Collection,
    size: ChunkSize,
  ): Promise<{ readonly id: string; readonly documents: ReadonlyMap<string, string> }> {
    const id = createId('vs_')
    const store = { id, name: id, metadata: {}, createdAt: new Date(), expiresAfterDays: null }
    await database.transact(tenantId, (within) =>
      createVectorStores().insert(within, { ...store, chunkSize: null }),
    )
    const known = new Map<string, string>()
    for (const document of documents) {
      const bytes = Buffer.from(asMarkdown(document))
      const parsed = await parse(bytes, `${document.id}.md`, PARSE_LIMITS)
      const chunks = chunkDocument(parsed, size, tokenizer)
      const vectors = await embedder.embed(chunks.map(searchableText), { kind: 'passage' })
      const fileId = createId('file-')
      known.set(fileId, document.id)
      await database.transact(tenantId, async (within) => {
        const createdAt = new Date()
        await createFiles().insert(within, {
          id: fileId,
          filename: `${document.id}.md`,
          purpose: 'assistants',
          bytes: bytes.length,
          sha256: fileId,
          createdAt,
          expiresAt: null,
        })
        const place = { vectorStoreId: id, fileId }
        const indexer = createDocuments({ space })
        await indexer.insert(within, {
          ...place,
          attributes: {},
          batchId: null,
          chunkSize: size,
          createdAt,
          sourceKey: null,
        })
        await indexer.index(within, {
          ...place,
          mediaType: 'text/markdown',
          title: parsed.title,
          textSha256: fileId,
          textBytes: bytes.length,
          chunks,
          vectors,
        })
      })
    }
    return { id, documents: known }
  }
} finally {
  await backend.close()
  await own.drop()
  await embedder.close()
}
await writeResults('fusion', { rows })

function best(some: readonly FusionRow[]): string {
  const top = some.toSorted((a, b) => b.ndcg10 - a.ndcg10).slice(0, 4)
  const shown = [...top, ...some.filter(({ k, denseWeight }) => k === 10 && denseWeight === 1)]
  return shown
    .map((row) => `k ${row.k} dense ${row.denseWeight}: ${row.ndcg10.toFixed(4)}`)
    .join(' | ')
}
