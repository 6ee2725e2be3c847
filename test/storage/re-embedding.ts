import type { Chunk } from '../../src/core/chunk.ts'
import { searchableText } from '../../src/core/chunk.ts'
import type { VectorsByModel } from '../../src/core/embedding-space.ts'
import { createId } from '../../src/core/id.ts'
import type { EmbeddingModel } from '../../src/core/ports/embedding-model.ts'
import type { ReEmbedJob } from '../../src/core/ports/queue.ts'
import { createReEmbed } from '../../src/ingest/re-embed.ts'
import { createChunkIndex } from '../../src/storage/chunk-index.ts'
import { createChunks } from '../../src/storage/chunks.ts'
import { createDocuments } from '../../src/storage/documents.ts'
import { createEmbeddingCache } from '../../src/storage/embedding-cache.ts'
import { createMigrationDesk } from '../../src/storage/migration-desk.ts'
import { createMigrationWork } from '../../src/storage/migration-work.ts'
import { createMissingVectors } from '../../src/storage/missing-vectors.ts'
import { settleServingSpace } from '../../src/storage/serving-space.ts'
import { readWrittenSpaces } from '../../src/storage/written-spaces.ts'
import { createFakeEmbedder } from '../fake-embedder.ts'
import { createFreeSpending } from '../free-spending.ts'
import type { World } from './backends.ts'
import { addDocument, addStore, indexed } from './library.ts'

export const OLD = createFakeEmbedder({ id: 'old', dimensions: 8 })
export const NEW = createFakeEmbedder({ id: 'new', dimensions: 16 })

const never = new AbortController().signal
const NO_JOB = { complete: async () => undefined }

/** Two models and the documents of some tenants, in a database where the old one serves. */
export async function openReEmbedding(world: World) {
  const { backend, database } = world
  const { pool } = backend
  await settleServingSpace(pool, { model: OLD.id, dimensions: OLD.dimensions })
  const desk = createMigrationDesk()
  const work = createMigrationWork(pool)
  const missing = createMissingVectors()
  const documents = createDocuments({ space: readWrittenSpaces })
  const chunks = createChunks({ space: readWrittenSpaces })
  const tenantId = await world.newTenant()
  const storeId = await database.transact(tenantId, (within) => addStore(within))

  const spaceOf = async (model: EmbeddingModel) =>
    (await work.state()).spaces.find((space) => space.model === model.id)?.name ?? null
  const vectorsBy = async (
    models: readonly EmbeddingModel[],
    of: readonly Pick<Chunk, 'context' | 'text'>[],
  ): Promise<VectorsByModel> => {
    const texts = of.map(searchableText)
    return new Map(
      await Promise.all(
        models.map(
          async (model) => [model.id, await model.embed(texts, { kind: 'passage' })] as const,
        ),
      ),
    )
  }
  /** One document of as many chunks as there are texts. */
  const add = async (
    texts: readonly string[],
    models: readonly EmbeddingModel[],
    of = { tenantId, storeId },
  ): Promise<string> => {
    const passages = texts.map((text) => ({ text }))
    return database.transact(of.tenantId, async (within) => {
      const fileId = await addDocument(within, of.storeId)
      const document = indexed(of.storeId, fileId, passages)
      await documents.index(within, {
        ...document,
        vectors: await vectorsBy(models, document.chunks),
      })
      return fileId
    })
  }
  const begin = (rate: number | null = null) =>
    database.transact(tenantId, (within) =>
      desk.begin(within, {
        id: createId('emig_'),
        model: NEW.id,
        dimensions: NEW.dimensions,
        keepsOld: true,
        rate,
      }),
    )
  const step = (name: 'cancel' | 'cutOver' | 'dropOld' | 'rollBack') =>
    database.transact(tenantId, (within) => desk[name](within))
  const openMigration = async () => {
    const { migration } = await work.state()
    if (migration === null) throw new Error('There is no migration.')
    return migration
  }
  /** Makes the table. */
  const beginBuilding = async (rate: number | null = null) => {
    await begin(rate)
    await work.dropDoomed()
    await work.build(await openMigration())
    return openMigration()
  }
  const reEmbed = (models: readonly EmbeddingModel[], turnMs?: number) => {
    const sent: ReEmbedJob[] = []
    const run = createReEmbed({
      database,
      missing,
      models,
      embeddingCache: createEmbeddingCache(),
      ...createFreeSpending(),
      ...(turnMs === undefined ? {} : { turnMs }),
      sender: { send: async (_within, job) => void sent.push(job) },
    })
    return { sent, run: (job: ReEmbedJob) => run(job, never, NO_JOB) }
  }
  /** Everything that the space lacks, of every tenant; then it is ready. */
  const buildAll = async (): Promise<boolean> => {
    const { id: migrationId, toSpace } = await openMigration()
    for (const each of await work.gaps(toSpace))
      await reEmbed([NEW]).run({ tenantId: each, migrationId, behind: null })
    return work.finish(await openMigration())
  }
  const search = async (model: EmbeddingModel, text: string, of = { tenantId, storeId }) => {
    const space = await spaceOf(model)
    const [vector = null] = await model.embed([text], { kind: 'query' })
    const query = { vectorStoreIds: [of.storeId], filter: null, text: '', candidates: 50 }
    return database.transact(of.tenantId, (within) =>
      createChunkIndex({ space: () => space ?? 'gone' }).search(within, {
        ...query,
        model: model.id,
        vector,
      }),
    )
  }
  const counts = async () => {
    const { chunks: all, vectors: made } = await work.coverage((await spaceOf(NEW)) ?? 'none')
    const { vectors: old } = await work.coverage((await spaceOf(OLD)) ?? 'none')
    return { chunks: all, old, made }
  }
  /** Whatever a test has begun. */
  const tidy = async () => {
    const { migration } = await work.state()
    if (migration !== null && migration.endedAt === null) await step('cancel')
    await work.dropDoomed()
    await settleServingSpace(pool, { model: OLD.id, dimensions: OLD.dimensions })
  }
  return {
    add,
    begin,
    beginBuilding,
    buildAll,
    chunks,
    counts,
    documents,
    missing,
    openMigration,
    reEmbed,
    search,
    spaceOf,
    step,
    storeId,
    tenantId,
    tidy,
    vectorsBy,
    work,
  }
}
