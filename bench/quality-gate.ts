import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSearch } from '../src/answer/search.ts'
import { DEFAULT_RETRIEVAL_SETTINGS } from '../src/answer/settings.ts'
import type { Search } from '../src/core/ask.ts'
import { searchableText, type ChunkSize } from '../src/core/chunk.ts'
import type { Database } from '../src/core/ports/database.ts'
import type { EmbeddingModel } from '../src/core/ports/embedding-model.ts'
import { ndcgAt } from '../src/eval/ranking-metrics.ts'
import { scoreSpans } from '../src/eval/span-metrics.ts'
import { createReader, type Reader, type ReadResult } from '../src/ingest/reader.ts'
import { createLocalEmbedder } from '../src/providers/local-embedder.ts'
import { findModelFiles } from '../src/providers/model-files.ts'
import { localTokenizerSource } from '../src/providers/tokenizer.ts'
import { createChunkIndex } from '../src/storage/chunk-index.ts'
import { createDatabase } from '../src/storage/database.ts'
import { createDocuments } from '../src/storage/documents.ts'
import { ensureEmbeddingSpace } from '../src/storage/embedding-space.ts'
import { createFiles } from '../src/storage/files.ts'
import { migrate } from '../src/storage/migrate.ts'
import { openPglite } from '../src/storage/pglite.ts'
import { createTenants } from '../src/storage/tenants.ts'
import { createVectorStores } from '../src/storage/vector-stores.ts'
import { readCollection, type Collection } from './collection.ts'
import { asMarkdown, CHUNK_SIZE, PARSE_LIMITS } from './corpus/passages.ts'
import { readSpanQuestions } from './span-questions.ts'
import { UNLIMITED } from '../src/core/limits.ts'
import { EXAMPLE_CALLER } from '../test/example-principal.ts'
import { copyMigrated } from '../test/storage/migrated-pglite.ts'

/** Every figure in [0, 1], higher is better, by its name: `scifact nDCG@10`. */
export type GateScores = Readonly<Record<string, number>>

/** A fall by this share of what it was is let pass: other processors round the model's numbers otherwise. */
export const TOLERANCE = 0.01

/** One sentence for each figure that has fallen too far, or is not measured any longer. */
export function complaints(baseline: GateScores, measured: GateScores): string[] {
  return Object.entries(baseline).flatMap(([name, before]) => {
    const now = measured[name]
    if (now === undefined) return [`${name} is not measured any longer.`]
    const fall = (before - now) / before
    if (fall <= TOLERANCE) return []
    return [
      `${name} fell by ${(fall * 100).toFixed(1)} %, from ${before.toFixed(4)} to ${now.toFixed(4)}.`,
    ]
  })
}

interface World {
  readonly database: Database
  readonly tenantId: string
  readonly space: string
  readonly embedder: EmbeddingModel
  readonly reader: Reader
  readonly search: Search
}

/** Small parts of all collections through the product's own reader, model, database and search, in this process. */
export async function measureGate(): Promise<GateScores> {
  return inWorld(async (world) => ({
    'xquad-en nDCG@10': await rankingScore(world, sample(await readCollection('xquad-en'), 240)),
    'xquad-de nDCG@10': await rankingScore(world, sample(await readCollection('xquad-de'), 240)),
    'scifact nDCG@10': await rankingScore(world, sampleBoth(await readCollection('scifact'), 600)),
    'anthropic-codebases nDCG@10': await rankingScore(
      world,
      sampleBoth(await readCollection('anthropic-codebases'), 300),
    ),
    ...(await spanScores(world)),
  }))
}

async function inWorld<Result>(work: (world: World) => Promise<Result>): Promise<Result> {
  const files = await findModelFiles({ directories: [] })
  if (files === null) throw new Error('The local embedding model is not installed.')
  const directory = await mkdtemp(join(tmpdir(), 'ragstone-gate-'))
  await copyMigrated(directory)
  const backend = await openPglite({ directory })
  const embedder = await createLocalEmbedder({ files, threads: 2 })
  const reader = createReader({
    limits: PARSE_LIMITS,
    threads: 1,
    tokenizer: localTokenizerSource(files),
  })
  try {
    await migrate(backend.pool)
    const { id: model, dimensions } = embedder
    const space = await ensureEmbeddingSpace(backend.pool, { model, dimensions })
    const { tenantId } = await createTenants(backend.pool).ensureFirst()
    const database = createDatabase(backend)
    const chunkIndex = createChunkIndex({ space })
    const settings = DEFAULT_RETRIEVAL_SETTINGS
    const search = createSearch({ database, chunkIndex, embedder, settings })
    return await work({ database, tenantId, space, embedder, reader, search })
  } finally {
    await reader.close()
    await embedder.close()
    await backend.close()
    await rm(directory, { recursive: true, force: true })
  }
}

interface SourceText {
  readonly id: string
  readonly text: string
}

/** The id of the source is the id of its file. */
async function ingest(
  world: World,
  store: { readonly id: string; readonly sources: readonly SourceText[]; readonly size: ChunkSize },
): Promise<void> {
  const read: (ReadResult & { readonly id: string })[] = []
  for (const { id, text } of store.sources) {
    const bytes = Uint8Array.from(Buffer.from(text))
    const request = { bytes, filename: `${id}.md`, chunkSize: store.size }
    read.push({ id, ...(await world.reader.read(request, new AbortController().signal)) })
  }
  const texts = read.flatMap(({ chunks }) => chunks.map(searchableText))
  const vectors = await world.embedder.embed(texts, { kind: 'passage' })
  const documents = createDocuments({ space: { name: world.space, model: world.embedder.id } })
  const createdAt = new Date()
  let from = 0
  await world.database.transact(world.tenantId, async (transaction) => {
    await createVectorStores().insert(transaction, {
      id: store.id,
      name: store.id,
      metadata: {},
      createdAt,
      expiresAfterDays: null,
      chunkSize: null,
    })
    for (const { id: fileId, document, chunks } of read) {
      const sha256 = createHash('sha256').update(document.text).digest('hex')
      const own = { vectorStoreId: store.id, fileId }
      await createFiles().insert(transaction, {
        id: fileId,
        filename: `${fileId}.md`,
        purpose: 'assistants',
        bytes: document.text.length,
        sha256,
        createdAt,
        expiresAt: null,
      })
      await documents.insert(transaction, {
        ...own,
        attributes: {},
        batchId: null,
        chunkSize: store.size,
        createdAt,
        sourceKey: null,
      })
      await documents.index(transaction, {
        ...own,
        mediaType: document.mediaType,
        title: document.title,
        textSha256: sha256,
        textBytes: Buffer.byteLength(document.text),
        chunks,
        vectors: new Map([[world.embedder.id, vectors.slice(from, from + chunks.length)]]),
      })
      from += chunks.length
    }
  })
}

function find(world: World, storeId: string, text: string) {
  return world.search(
    {
      tenantId: world.tenantId,
      caller: EXAMPLE_CALLER,
      limits: UNLIMITED,
      vectorStoreIds: [storeId],
      text,
      filter: null,
      limit: 50,
      scoreThreshold: 0,
    },
    new AbortController().signal,
  )
}

async function rankingScore(world: World, collection: Collection): Promise<number> {
  const { name, documents, questions } = collection
  const nameOf = (id: string) => `${name}-${id}`
  const sources = documents.map(({ id, ...of }) => ({ id: nameOf(id), text: asMarkdown(of) }))
  await ingest(world, { id: name, sources, size: CHUNK_SIZE })
  let sum = 0
  for (const { text, judgements } of questions) {
    const found = await find(world, name, text)
    const ranking = [...new Set(found.map(({ fileId }) => fileId.slice(name.length + 1)))]
    sum += ndcgAt(10, ranking, judgements)
  }
  return sum / questions.length
}

/** One text of chunking-evaluation: how much of the wanted passages the first three chunks hold. */
async function spanScores(world: World): Promise<GateScores> {
  const CORPUS = 'state_of_the_union'
  const { text, questions } = await readSpanQuestions(CORPUS)
  await ingest(world, { id: 'spans', sources: [{ id: CORPUS, text }], size: CHUNK_SIZE })
  let recall = 0
  for (const { question, spans } of questions) {
    const found = await find(world, 'spans', question)
    const retrieved = found
      .slice(0, 3)
      .map(({ start, end }) => ({ documentId: CORPUS, start, end }))
    recall += scoreSpans(retrieved, spans).recall
  }
  return { [`${CORPUS} span recall of three chunks`]: recall / questions.length }
}

function sample(collection: Collection, questions: number): Collection {
  const step = Math.max(1, Math.floor(collection.questions.length / questions))
  return {
    ...collection,
    questions: collection.questions.filter((_, at) => at % step === 0).slice(0, questions),
  }
}

/** A hundred questions, every document that one of them needs, and others up to so many. */
function sampleBoth(collection: Collection, documents: number): Collection {
  const { questions } = sample(collection, 100)
  const wanted = new Set(questions.flatMap(({ judgements }) => [...judgements.keys()]))
  const needed = collection.documents.filter(({ id }) => wanted.has(id))
  const others = collection.documents.filter(({ id }) => !wanted.has(id))
  return {
    ...collection,
    questions,
    documents: [...needed, ...others.slice(0, Math.max(0, documents - needed.length))],
  }
}

export async function readBaseline(): Promise<GateScores> {
  const text = await readFile(new URL('results/gate.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { readonly scores: GateScores }).scores
}
