import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_RETRIEVAL_SETTINGS } from '../src/answer/settings.ts'
import { fuse } from '../src/answer/fuse/reciprocal-rank.ts'
import type { Candidate } from '../src/core/answer.ts'
import type { Database } from '../src/core/ports/database.ts'
import type { Backend } from '../src/storage/backend.ts'
import { createChunkIndex } from '../src/storage/chunk-index.ts'
import { createDatabase } from '../src/storage/database.ts'
import { createDocuments } from '../src/storage/documents.ts'
import type { EmbeddingSpace } from '../src/core/embedding-space.ts'
import { ensureEmbeddingSpace } from '../src/storage/embedding-space.ts'
import { createFiles } from '../src/storage/files.ts'
import { migrate } from '../src/storage/migrate.ts'
import { openPglite } from '../src/storage/pglite.ts'
import { openPostgres } from '../src/storage/postgres.ts'
import { createTenants } from '../src/storage/tenants.ts'
import { createVectorStores } from '../src/storage/vector-stores.ts'
import { createDatabaseOfOwn } from './corpus/open-database.ts'
import type { AskedQuestion, Passage, RealCorpus } from './corpus/passages.ts'
import type { PeerRun } from './measure-peers.ts'

type NamedPassage = Passage & { readonly id: string }

export interface RagstoneRun {
  readonly kind: Backend['kind']
  readonly real: RealCorpus
  readonly passages: readonly NamedPassage[]
  readonly seconds: number
}

const DEPTH = 40
const K = 10
const STORE = 'vs_bench'

/** Storage and search as the product composes them, with the vectors given: a transaction a document, indexes in place. */
export async function runRagstone(run: RagstoneRun): Promise<PeerRun> {
  const { backend, drop } = await openEmpty(run.kind)
  try {
    const began = performance.now()
    await migrate(backend.pool)
    const space = await ensureEmbeddingSpace(backend.pool, run.real)
    const { tenantId } = await createTenants(backend.pool).ensureFirst()
    const database = createDatabase(backend)
    const placed = await ingest(database, {
      tenantId,
      space: { name: space, model: run.real.model },
      passages: run.passages,
    })
    const ingestSeconds = (performance.now() - began) / 1_000

    const find = async (question: AskedQuestion, candidates: number, words: boolean) =>
      database.transact(tenantId, (transaction) =>
        createChunkIndex({ space }).search(transaction, {
          vectorStoreIds: [STORE],
          filter: null,
          text: words ? question.text : '',
          model: run.real.model,
          vector: question.vector,
          candidates,
        }),
      )
    const named = (found: readonly Candidate[]) =>
      found.map(({ fileId, ordinal }) => placed.get(`${fileId} ${ordinal}`) ?? '')
    const { candidates, fusionK: k, denseWeight, lexicalWeight } = DEFAULT_RETRIEVAL_SETTINGS
    const searches = {
      dense: async (question: AskedQuestion, limit: number) =>
        named(await find(question, limit, false)),
      hybrid: async (question: AskedQuestion, limit: number) => {
        const found = await find(question, candidates, true)
        return named(fuse(found, { k, denseWeight, lexicalWeight }).slice(0, limit))
      },
    }
    const modes: Record<string, PeerRun['modes'][string]> = {}
    for (const [mode, search] of Object.entries(searches)) {
      const ask = async (limit: number) => {
        const lists: string[][] = []
        for (const question of run.real.questions) lists.push(await search(question, limit))
        return lists
      }
      const rankings = await ask(DEPTH)
      const nearest = await ask(K)
      modes[mode] = { rankings, nearest, taken: await time(run, (question) => search(question, K)) }
    }
    return { version: run.kind, ingestSeconds, modes }
  } finally {
    await backend.close()
    await drop()
  }
}

async function time(
  { real, seconds }: RagstoneRun,
  search: (question: AskedQuestion) => Promise<unknown>,
): Promise<number[]> {
  const taken: number[] = []
  const until = performance.now() + seconds * 1_000
  while (performance.now() < until) {
    const question = real.questions[taken.length % real.questions.length]
    if (question === undefined) break
    const started = performance.now()
    await search(question)
    taken.push(performance.now() - started)
  }
  return taken
}

/** Gives which passage stands at `<file id> <ordinal>`. */
async function ingest(
  database: Database,
  of: { tenantId: string; space: EmbeddingSpace; passages: readonly NamedPassage[] },
): Promise<ReadonlyMap<string, string>> {
  const placed = new Map<string, string>()
  const files = createFiles()
  const documents = createDocuments({ space: of.space })
  await database.transact(of.tenantId, (transaction) =>
    createVectorStores().insert(transaction, {
      id: STORE,
      name: 'bench',
      metadata: {},
      createdAt: new Date(),
      expiresAfterDays: null,
      chunkSize: null,
    }),
  )
  for (const [documentId, passages] of Map.groupBy(of.passages, (passage) => passage.documentId)) {
    const fileId = `file-${documentId}`
    const own = { vectorStoreId: STORE, fileId }
    const createdAt = new Date()
    await database.transact(of.tenantId, async (transaction) => {
      await files.insert(transaction, {
        id: fileId,
        filename: `${documentId}.md`,
        purpose: 'assistants',
        bytes: 1,
        sha256: documentId,
        createdAt,
        expiresAt: null,
      })
      await documents.insert(transaction, {
        ...own,
        attributes: {},
        batchId: null,
        chunkSize: { maxTokens: 256, overlapTokens: 32 },
        createdAt,
        sourceKey: null,
      })
      await documents.index(transaction, {
        ...own,
        mediaType: 'text/markdown',
        title: null,
        textSha256: documentId,
        textBytes: 1,
        chunks: passages.map(({ text, context, tokens }, ordinal) => ({
          ordinal,
          start: ordinal,
          end: ordinal + 1,
          text,
          context,
          headings: [],
          page: null,
          tokens,
        })),
        vectors: new Map([[of.space.model, passages.map(({ vector }) => vector)]]),
      })
    })
    passages.forEach(({ id }, ordinal) => placed.set(`${fileId} ${ordinal}`, id))
  }
  return placed
}

async function openEmpty(
  kind: Backend['kind'],
): Promise<{ backend: Backend; drop: () => Promise<void> }> {
  if (kind === 'postgres') {
    const own = await createDatabaseOfOwn()
    const backend = await openPostgres({ url: own.url, maxConnections: 4 })
    return { backend, drop: () => own.drop() }
  }
  const directory = await mkdtemp(join(tmpdir(), 'ragstone-peer-'))
  return {
    backend: await openPglite({ directory }),
    drop: () => rm(directory, { recursive: true, force: true }),
  }
}
