import type { ChunkSize, Chunk } from '../../src/core/chunk.ts'
import type { Candidate } from '../../src/core/answer.ts'
import { createId } from '../../src/core/id.ts'
import type { Backend } from '../../src/storage/backend.ts'
import { createChunkIndex } from '../../src/storage/chunk-index.ts'
import { createDatabase } from '../../src/storage/database.ts'
import { createDocuments } from '../../src/storage/documents.ts'
import { ensureEmbeddingSpace } from '../../src/storage/embedding-space.ts'
import { createFiles } from '../../src/storage/files.ts'
import { createTenants } from '../../src/storage/tenants.ts'
import { createVectorStores } from '../../src/storage/vector-stores.ts'
import type { Collection } from '../collection.ts'

export interface ReadCollection {
  readonly documents: readonly {
    readonly documentId: string
    readonly title: string | null
    readonly chunks: readonly Chunk[]
    readonly vectors: readonly Float32Array[]
  }[]
  /** Of the question at that place. */
  readonly vectorAt: (place: number) => Float32Array
}

interface FilledStore {
  readonly id: string
  /** A document's id in the collection, by its file. */
  readonly documents: ReadonlyMap<string, string>
}

export interface CollectionCorpus {
  fill(read: ReadCollection, size: ChunkSize): Promise<FilledStore>
  /** What both searches give for every question, so many candidates each. */
  searchAll(
    collection: Collection,
    asked: {
      readonly storeId: string
      readonly vectorAt: (place: number) => Float32Array
      readonly candidates: number
    },
  ): Promise<readonly (readonly Candidate[])[]>
}

/** A collection in a database that has been migrated, as the product would hold it. */
export async function openCollectionCorpus(
  backend: Backend,
  model: { readonly id: string; readonly dimensions: number },
): Promise<CollectionCorpus> {
  const space = await ensureEmbeddingSpace(backend.pool, {
    model: model.id,
    dimensions: model.dimensions,
  })
  const { tenantId } = await createTenants(backend.pool).ensureFirst()
  const database = createDatabase(backend)
  const chunkIndex = createChunkIndex({ space })
  return { fill, searchAll }

  async function searchAll(
    { questions }: Collection,
    asked: Parameters<CollectionCorpus['searchAll']>[1],
  ): Promise<readonly (readonly Candidate[])[]> {
    const found: (readonly Candidate[])[] = []
    for (const [place, { text }] of questions.entries()) {
      const query = {
        vectorStoreIds: [asked.storeId],
        filter: null,
        text,
        model: model.id,
        vector: asked.vectorAt(place),
        candidates: asked.candidates,
      }
      const candidates = await database.transact(
        tenantId,
        (within) => chunkIndex.search(within, query),
        { oneStatement: true },
      )
      found.push(candidates)
    }
    return found
  }

  async function fill({ documents }: ReadCollection, size: ChunkSize): Promise<FilledStore> {
    const id = createId('vs_')
    const createdAt = new Date()
    const store = { id, name: id, metadata: {}, createdAt, expiresAfterDays: null }
    const known = new Map<string, string>()
    const indexer = createDocuments({ space: { name: space, model: model.id } })
    await database.transact(tenantId, async (within) => {
      await createVectorStores().insert(within, { ...store, chunkSize: null })
      for (const { documentId, title, chunks, vectors } of documents) {
        const fileId = createId('file-')
        known.set(fileId, documentId)
        const place = { vectorStoreId: id, fileId }
        await createFiles().insert(within, {
          id: fileId,
          filename: `${documentId}.md`,
          purpose: 'assistants',
          bytes: 1,
          sha256: fileId,
          createdAt,
          expiresAt: null,
        })
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
          title,
          textSha256: fileId,
          textBytes: 1,
          chunks,
          vectors: new Map([[model.id, vectors]]),
        })
      }
    })
    await backend.pool.query('analyze')
    return { id, documents: known }
  }
}
