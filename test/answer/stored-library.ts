import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Chunk } from '../../src/core/chunk.ts'
import { searchableText } from '../../src/core/chunk.ts'
import { createId } from '../../src/core/id.ts'
import type { Answers } from '../../src/core/ports/answers.ts'
import type { ChunkIndex } from '../../src/core/ports/chunk-index.ts'
import type { Database } from '../../src/core/ports/database.ts'
import type { EmbeddingModel } from '../../src/core/ports/embedding-model.ts'
import { createAnswers } from '../../src/storage/answers.ts'
import { createChunkIndex } from '../../src/storage/chunk-index.ts'
import { createDatabase } from '../../src/storage/database.ts'
import { createDocuments } from '../../src/storage/documents.ts'
import { ensureEmbeddingSpace } from '../../src/storage/embedding-space.ts'
import { createFiles } from '../../src/storage/files.ts'
import { openPglite } from '../../src/storage/pglite.ts'
import { createTenants } from '../../src/storage/tenants.ts'
import { createVectorStores } from '../../src/storage/vector-stores.ts'
import { copyMigrated } from '../storage/migrated-pglite.ts'

export interface StoredLibrary {
  readonly database: Database
  readonly chunkIndex: ChunkIndex
  readonly answers: Answers
  readonly tenantId: string
  readonly vectorStoreId: string
  /** The extracted text of a file, as bytes. */
  readonly textOf: (fileId: string) => Buffer
  close(): Promise<void>
}

export interface LibraryFile {
  readonly filename: string
  readonly text: string
  /** Absent: each blank-line paragraph is one. */
  readonly chunks?: readonly Chunk[]
}

/** A vector store in a PGlite of its own: each blank-line paragraph of each text is a chunk. */
export async function storeLibrary(
  embedder: EmbeddingModel,
  files: readonly LibraryFile[],
): Promise<StoredLibrary> {
  const directory = await mkdtemp(join(tmpdir(), 'ragstone-answer-'))
  await copyMigrated(directory)
  const backend = await openPglite({ directory })
  const { id, dimensions } = embedder
  const space = await ensureEmbeddingSpace(backend.pool, { model: id, dimensions })
  const { tenantId } = await createTenants(backend.pool).ensureFirst()
  const database = createDatabase(backend)
  const documents = createDocuments({ space: { name: space, model: id } })
  const vectorStoreId = createId('vs_')
  const createdAt = new Date()
  const store = { id: vectorStoreId, name: 'library', metadata: {}, createdAt }
  await database.transact(tenantId, (transaction) =>
    createVectorStores().insert(transaction, { ...store, expiresAfterDays: null, chunkSize: null }),
  )
  const texts = new Map<string, Buffer>()
  for (const { filename, text, chunks = chunksOf(text) } of files) {
    const fileId = createId('file-')
    const bytes = Buffer.from(text)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const vectors = await embedder.embed(chunks.map(searchableText), { kind: 'passage' })
    texts.set(fileId, bytes)
    await database.transact(tenantId, async (transaction) => {
      const file = { id: fileId, filename, purpose: 'assistants', bytes: bytes.length, sha256 }
      await createFiles().insert(transaction, { ...file, createdAt, expiresAt: null })
      await documents.insert(transaction, {
        vectorStoreId,
        fileId,
        attributes: { filename },
        chunkSize: { maxTokens: 256, overlapTokens: 0 },
        sourceKey: null,
        batchId: null,
        createdAt,
      })
      await documents.index(transaction, {
        vectorStoreId,
        fileId,
        mediaType: 'text/plain',
        title: null,
        textSha256: sha256,
        textBytes: bytes.length,
        chunks,
        vectors: new Map([[id, vectors]]),
      })
    })
  }
  return {
    database,
    chunkIndex: createChunkIndex({ space }),
    answers: createAnswers(),
    tenantId,
    vectorStoreId,
    textOf: (fileId) => texts.get(fileId) ?? Buffer.alloc(0),
    async close() {
      await backend.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function chunksOf(text: string): Chunk[] {
  return [...text.matchAll(/\S[\s\S]*?(?=\n\n|$(?![\s\S]))/g)].map((match, ordinal) => {
    const start = Buffer.byteLength(text.slice(0, match.index))
    const end = start + Buffer.byteLength(match[0])
    const tokens = Math.ceil(match[0].length / 4)
    return { ordinal, start, end, text: match[0], context: '', headings: [], page: null, tokens }
  })
}
