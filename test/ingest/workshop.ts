import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { onTestFinished } from 'vitest'
import { NO_CAPS } from '../../src/core/caps.ts'
import type { ChunkSize } from '../../src/core/chunk.ts'
import type { BlobStore } from '../../src/core/ports/blob-store.ts'
import type { Database } from '../../src/core/ports/database.ts'
import type { DocumentRecord } from '../../src/core/ports/documents.ts'
import type { EmbeddingModel } from '../../src/core/ports/embedding-model.ts'
import type { IngestJob } from '../../src/core/ports/queue.ts'
import type { Submission } from '../../src/core/submission.ts'
import type { IngestEvent } from '../../src/ingest/ingest-event.ts'
import { createIngest } from '../../src/ingest/pipeline.ts'
import type { Ingest, IngestDeps } from '../../src/ingest/pipeline.ts'
import { createReader } from '../../src/ingest/reader.ts'
import type { Reader, ReaderDeps } from '../../src/ingest/reader.ts'
import { createSubmission } from '../../src/ingest/submit.ts'
import type { JobHandler, JobSender } from '../../src/core/ports/queue.ts'
import type { JobDefinition } from '../../src/queue/job-definition.ts'
import type { JobEvent } from '../../src/queue/job-event.ts'
import { handled } from '../../src/queue/pg-boss.ts'
import type { JobQueue, QueueOptions } from '../../src/queue/pg-boss.ts'
import { createChunks } from '../../src/storage/chunks.ts'
import { createDocuments } from '../../src/storage/documents.ts'
import { createEmbeddingCache } from '../../src/storage/embedding-cache.ts'
import { ensureEmbeddingSpace } from '../../src/storage/embedding-space.ts'
import { createFiles } from '../../src/storage/files.ts'
import { createReferencedBlobs } from '../../src/storage/referenced-blobs.ts'
import { createVectorStores } from '../../src/storage/vector-stores.ts'
import { createFakeEmbedder } from '../fake-embedder.ts'
import { createFreeSpending } from '../free-spending.ts'
import type { FakeEmbedder } from '../fake-embedder.ts'
import { openQueue } from '../open-queue.ts'
import type { World } from '../storage/backends.ts'
import { LIMITS } from './sample-files.ts'
import { blobsIn, tenantBlobsIn } from '../storage/blob-folder.ts'
import { addStore } from '../storage/library.ts'

/** Ingestion with everything real but the embedding model, for one new tenant with one vector store; gone with its test. */
export interface Workshop {
  readonly tenantId: string
  readonly vectorStoreId: string
  readonly database: Database
  readonly blobs: BlobStore
  readonly embedder: FakeEmbedder
  readonly events: readonly IngestEvent[]
  /** What the queues said went wrong between jobs. */
  readonly errors: readonly Error[]
  readonly submission: Submission
  /** Of its own name, started. */
  openQueue(
    job?: Partial<JobDefinition<IngestJob>>,
    options?: Partial<QueueOptions>,
  ): Promise<OpenQueue>
  /** What became of attempts. */
  readonly fates: readonly JobEvent[]
  ingestWith(
    deps: IngestChanges,
  ): (job: IngestJob, signal: AbortSignal, attempt?: Parameters<Ingest>[2]) => ReturnType<Ingest>
  /** Uploads and adds; with a key the document takes the place of the one before it. */
  add(
    content: Uint8Array | string,
    place?: {
      readonly filename?: string
      readonly sourceKey?: string
      readonly chunkSize?: ChunkSize
    },
  ): Promise<IngestJob>
  document(job: IngestJob): Promise<DocumentRecord | null>
  /** In order. */
  chunkTexts(job: IngestJob): Promise<readonly string[]>
  countChunks(): Promise<number>
  countBlobs(): Promise<number>
}

/** Of a document that is worked on by hand. */
export const NO_JOB: Parameters<Ingest>[2] = {
  complete: async () => undefined,
  bury: async () => undefined,
}

/** `embedder` writes instead of the workshop's own; null keeps words alone. */
export type IngestChanges = Partial<IngestDeps> & { readonly embedder?: EmbeddingModel | null }

/** A queue of one kind of job. */
export interface OpenQueue extends Omit<JobQueue, 'work'> {
  readonly queue: JobSender<IngestJob>
  work(handler: JobHandler, options: { readonly concurrency: number }): void
}

export async function openWorkshop(world: World): Promise<Workshop> {
  const { backend, database } = world
  const embedder = createFakeEmbedder()
  const space = await ensureEmbeddingSpace(backend.pool, {
    model: embedder.id,
    dimensions: embedder.dimensions,
  })
  const files = createFiles()
  const written = { name: space, model: embedder.id }
  const documents = createDocuments({ space: written })
  const vectorStores = createVectorStores()
  const folder = await mkdtemp(join(tmpdir(), 'ragstone-blobs-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const blobs = createReferencedBlobs({ blobs: blobsIn(folder), database })
  const tenantId = await world.newTenant()
  const vectorStoreId = await database.transact(tenantId, (transaction) => addStore(transaction))
  const errors: Error[] = []
  const events: IngestEvent[] = []
  const fates: JobEvent[] = []
  const submission = createSubmission({
    database,
    files,
    documents,
    vectorStores,
    blobs,
    queue: { send: () => Promise.resolve() },
    maxBytes: 10_000_000,
    defaultChunkSize: { maxTokens: 40, overlapTokens: 0 },
    capsOf: async () => NO_CAPS,
  })
  return {
    tenantId,
    vectorStoreId,
    database,
    blobs,
    embedder,
    events,
    errors,
    submission,
    fates,
    async openQueue(job = {}, options = {}) {
      const definition = { ...quickJob(), ...job }
      const queue = await openQueue(backend, {
        jobs: [definition],
        onEvent: (event) => fates.push(event),
        onError: (error) => errors.push(error),
        ...options,
      })
      return {
        ...queue,
        queue: queue.sender(definition),
        work: (handler, settings) => queue.work([handled(definition, handler)], settings),
      }
    },
    ingestWith: ({ embedder: by = embedder, ...deps }) => {
      const ingest = createIngest({
        database,
        documents,
        chunks: createChunks({ space: written }),
        embeddingCache: createEmbeddingCache(),
        blobs,
        reader: sharedReader(),
        writeModels: async () => (by === null ? [] : [{ embedder: by, serves: true }]),
        capsOf: async () => NO_CAPS,
        onEvent: (event) => events.push(event),
        ...createFreeSpending(),
        budgetsOf: async () => [],
        ...deps,
      })
      return (job, signal, attempt = NO_JOB) => ingest(job, signal, attempt)
    },
    async add(content, { filename = 'note.txt', sourceKey = null, chunkSize = null } = {}) {
      const file = await submission.upload(tenantId, {
        filename,
        purpose: 'assistants',
        content: Buffer.from(content),
        expiresAt: null,
      })
      const { fileId } = await submission.addToStore(tenantId, {
        vectorStoreId,
        fileId: file.id,
        attributes: {},
        chunkSize,
        sourceKey,
        batchId: null,
      })
      return { tenantId, vectorStoreId, fileId }
    },
    document: (job) =>
      database.transact(tenantId, (transaction) =>
        documents.get(transaction, job.vectorStoreId, job.fileId),
      ),
    chunkTexts: (job) =>
      database.transact(tenantId, async (transaction) => {
        const rows = await transaction.query<{ text: string }>(
          'select text from chunks where tenant_id = $1 and vector_store_id = $2 and file_id = $3 order by ordinal',
          [tenantId, job.vectorStoreId, job.fileId],
        )
        return rows.map(({ text }) => text)
      }),
    countBlobs: async () => (await tenantBlobsIn(folder).count(tenantId)).blobs,
    countChunks: () =>
      database.transact(tenantId, async (transaction) => {
        const [row] = await transaction.query<{ count: number }>(
          'select count(*)::int as count from chunks where tenant_id = $1',
          [tenantId],
        )
        return row?.count ?? 0
      }),
  }
}

let named = 0
/** Of its own name, with hardly a wait between attempts. */
export function quickJob(): JobDefinition<IngestJob> {
  named += 1
  const name = `test-${process.pid}-${named}`
  const keyOf = (job: IngestJob) => job.fileId
  return { name, keyOf, retryLimit: 2, retryDelaySeconds: 1, retryDelayMaxSeconds: 1 }
}

let reader: Reader | null = null
/** One for all tests of a file; its threads end with the process. */
function sharedReader(): Reader {
  reader ??= newReader()
  return reader
}

/** Of one thread. */
export function newReader(options: Pick<ReaderDeps, 'tellEveryMs'> = {}): Reader {
  const module = pathToFileURL(resolve(import.meta.dirname, 'fake-tokenizer.ts')).href
  const tokenizer = { module, options: null }
  return createReader({ limits: LIMITS, threads: 1, tokenizer, ...options })
}
