import { join } from 'node:path'
import { createApiKeySignIn } from '../../src/auth/api-key-sign-in.ts'
import { createAuthenticate } from '../../src/auth/authenticate.ts'
import { createKeyDirectory } from '../../src/auth/key-directory.ts'
import { createSigningSecretsOf } from '../../src/auth/signing-secret.ts'
import { createAuditNotes } from '../../src/http/audit-notes.ts'
import { createDeeds } from '../../src/http/deeds.ts'
import type { Jobs } from '../../src/core/ports/jobs.ts'
import type { Signals } from '../../src/core/ports/signals.ts'
import type { JobSender, Queue, SyncJob, TenantJobs } from '../../src/core/ports/queue.ts'
import type { HttpDeps } from '../../src/http/http-deps.ts'
import { createSteerJobs } from '../../src/ingest/steer-jobs.ts'
import { createChangeChunk } from '../../src/ingest/change-chunk.ts'
import { createSubmission } from '../../src/ingest/submit.ts'
import { createAnswers } from '../../src/storage/answers.ts'
import { createApiKeys } from '../../src/storage/api-keys.ts'
import type { Backend } from '../../src/storage/backend.ts'
import { createAuditLog } from '../../src/storage/audit-log.ts'
import { createAuditChain } from '../../src/storage/audit-links.ts'
import { createAuditRecords } from '../../src/storage/audit-records.ts'
import { createAuditVerification } from '../../src/storage/audit-verification.ts'
import { createConversations } from '../../src/storage/conversations.ts'
import { createDatabase } from '../../src/storage/database.ts'
import { createChunks } from '../../src/storage/chunks.ts'
import { createEmbeddingCache } from '../../src/storage/embedding-cache.ts'
import { createDocuments } from '../../src/storage/documents.ts'
import { createFileBatches } from '../../src/storage/file-batches.ts'
import { createFiles } from '../../src/storage/files.ts'
import { createGoldenQuestions } from '../../src/storage/golden-questions.ts'
import { createIdempotencyKeys } from '../../src/storage/idempotency-keys.ts'
import { createBlobChecks } from '../../src/storage/blob-checks.ts'
import { createDataKeys, masterKeysOf } from '../../src/storage/data-keys.ts'
import { createObjectDirectory } from '../../src/storage/object-directory.ts'
import { createSourceSyncs } from '../../src/storage/source-syncs.ts'
import { createSpool } from '../../src/storage/spool.ts'
import { createReferencedBlobs } from '../../src/storage/referenced-blobs.ts'
import { createTenantErasures } from '../../src/storage/tenant-erasures.ts'
import { createTenantRows } from '../../src/storage/tenant-rows.ts'
import { createTenantStorage } from '../../src/storage/tenant-storage.ts'
import { createTenants } from '../../src/storage/tenants.ts'
import { createVectorStores } from '../../src/storage/vector-stores.ts'
import type { PenaltySettings } from '../../src/core/ports/rate-counters.ts'
import { createLocalLeases } from '../../src/limits/local-leases.ts'
import { createLocalRateCounters } from '../../src/limits/local-rate-counters.ts'
import { createRateLimiter } from '../../src/limits/rate-limiter.ts'
import { createStreamCap } from '../../src/limits/stream-cap.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { createCapsOf } from '../../src/tenancy/caps-of.ts'
import { createEraseTenants } from '../../src/tenancy/erase-tenants.ts'
import { createExportTenant } from '../../src/tenancy/export/export-tenant.ts'
import { createTenantDirectory } from '../../src/tenancy/tenant-directory.ts'
import { readTiers } from '../../src/tenancy/tiers.ts'
import { examplePeople } from '../example-people.ts'
import { NO_RATES } from '../no-rates.ts'
import { createFreeSpending } from '../free-spending.ts'
import { type WatchedLog } from '../watched-log.ts'
import { exampleEmbeddings, exampleSpaces } from './example-embeddings.ts'
import { sourcesOf } from './example-sources.ts'
import { EXAMPLE_MODELS } from './example-models.ts'
import { type FakeAnswer } from './fake-answer.ts'
import { moneyOf } from './example-money.ts'
import { blobsIn, tenantBlobsIn } from '../storage/blob-folder.ts'

export const FILE_LIMIT = 200_000
export const BODY_LIMIT = 100_000

const NO_PENALTY: PenaltySettings = { baseMs: 1_000, halfLifeMs: 60_000, longestMs: 0 }

/** No queue: documents are indexed by hand. */
const NO_QUEUE: QueueParts = {
  queue: { send: async () => undefined },
  syncQueue: { send: async () => undefined },
  tenantJobs: {
    wake: async () => undefined,
    count: async () => ({ all: 0, active: 0 }),
    delete: async () => undefined,
  },
  jobs: {
    list: async () => [],
    listAll: async () => [],
    lock: async () => [],
    cancel: async () => undefined,
    replay: async () => undefined,
    queues: async () => [],
    workers: async () => [],
  },
  signals: { announce: () => undefined, listen: () => () => undefined },
}

export interface QueueParts {
  readonly queue: Queue
  readonly syncQueue: JobSender<SyncJob>
  readonly tenantJobs: TenantJobs
  readonly jobs: Jobs
  readonly signals: Signals
}

/** The application's parts on real storage; what answers and searches is given. */
export function createDeps(of: {
  readonly backend: Backend
  readonly tenantId: string
  readonly folder: string
  readonly log: WatchedLog
  readonly answer: FakeAnswer
  readonly search: HttpDeps['search']
  readonly queueParts?: QueueParts | undefined
}): HttpDeps {
  const { queue, syncQueue, tenantJobs, jobs, signals } = of.queueParts ?? NO_QUEUE
  const plain = { database: createDatabase(of.backend), auditLog: createAuditLog() }
  const { database, auditLog, during } = createDeeds(plain)
  const { logger } = of.log
  const files = createFiles()
  const vectorStores = createVectorStores()
  const documents = createDocuments({ space: null })
  const objects = createObjectDirectory(of.folder)
  const chunks = createChunks({ space: null })
  const blobs = createReferencedBlobs({ blobs: blobsIn(of.folder), database })
  const apiKeys = createApiKeys(of.backend)
  const tenants = createTenants(of.backend.pool)
  const tenantErasures = createTenantErasures(of.backend.pool)
  const tenantDirectory = createTenantDirectory({ tenants })
  const people = examplePeople({
    database,
    auditLog,
    tenantDirectory,
    tenantId: of.tenantId,
  })
  const tiers = readTiers([{ name: 'tiny', files: 2, storedBytes: 1_000, chunks: 3 }])
  const metrics = createMetrics()
  const keyDirectory = createKeyDirectory({ apiKeys })
  const spaces = exampleSpaces(of.backend)
  return {
    database,
    files,
    vectorStores,
    documents,
    chunks,
    changeChunk: createChangeChunk({
      database,
      chunks,
      writeModels: async () => [],
      embeddingCache: createEmbeddingCache(),
      ...createFreeSpending(),
      budgetsOf: async () => [],
    }),
    blobs,
    blobChecks: createBlobChecks({
      objects,
      blobs,
      database,
      tenantIds: async () => (await tenants.list()).map(({ id }) => id),
      spareMs: 0,
    }),
    dataKeys: createDataKeys(of.backend.pool, masterKeysOf(Buffer.alloc(32, 1), null)),
    spool: createSpool(join(of.folder, 'spool')),
    apiKeys,
    keyDirectory,
    signingSecretsOf: createSigningSecretsOf(['a secret of the tests, 32 characters']),
    answers: createAnswers(),
    conversations: createConversations(),
    fileBatches: createFileBatches(),
    goldenQuestions: createGoldenQuestions(),
    idempotencyKeys: createIdempotencyKeys(),
    submission: createSubmission({
      database,
      files,
      documents,
      vectorStores,
      blobs,
      queue,
      maxBytes: FILE_LIMIT,
      defaultChunkSize: { maxTokens: 256, overlapTokens: 32 },
      capsOf: createCapsOf({ tenantDirectory, tiers }),
    }),
    search: of.search,
    answer: of.answer.answer,
    authenticate: createAuthenticate([createApiKeySignIn({ keyDirectory }), ...people.ways]),
    people,
    tenants,
    tenantDirectory,
    tenantStorage: createTenantStorage(),
    tenantJobs,
    jobs,
    steerJobs: createSteerJobs({ database, documents, jobs, signals, syncs: createSourceSyncs() }),
    signals,
    ...sourcesOf({ database, blobs, jobs, signals, queue: syncQueue, folder: of.folder }),
    tenantErasures,
    eraseTenants: createEraseTenants({
      database,
      tenantErasures,
      tenantBlobs: tenantBlobsIn(of.folder),
      tenantJobs,
      tenantDirectory,
      auditLog: createAuditLog(),
      quietMs: 0,
      batch: 2,
    }),
    exportTenant: createExportTenant({
      tenantRows: createTenantRows({ backend: of.backend, database }),
      blobs: blobsIn(of.folder),
      tenants,
      version: '0.0.0-test',
    }),
    ...moneyOf(database),
    listTenantIds: async () => (await createTenants(of.backend.pool).list()).map(({ id }) => id),
    auditLog,
    audit: {
      during,
      notes: createAuditNotes({ ...plain, logger }),
      records: createAuditRecords(),
      chain: createAuditChain(of.backend.pool),
      verify: createAuditVerification(of.backend.pool),
    },
    tiers,
    models: EXAMPLE_MODELS,
    embeddingModels: spaces.models,
    embeddings: exampleEmbeddings({
      backend: of.backend,
      database,
      signals,
      spaces,
      search: of.search,
    }),
    health: async () => ({
      status: 'ok',
      checks: [{ name: 'database', status: 'ok', detail: 'embedded' }],
    }),
    metrics,
    rateLimiter: createRateLimiter({
      counters: createLocalRateCounters({ penalty: NO_PENALTY }),
      settings: NO_RATES,
      metrics,
    }),
    streamCap: createStreamCap({ leases: createLocalLeases() }),
    logger,
    version: '0.0.0-test',
    settings: {
      pressure: { maxEventLoopDelayMs: 0, maxHeapBytes: 0, maxResidentBytes: null },
      bodyLimitBytes: BODY_LIMIT,
      fileLimitBytes: FILE_LIMIT,
      defaultModel: 'extractive',
      defaultTier: 'free',
      shutdownGraceMs: 100,
      keepAliveMs: 50,
    },
  }
}
