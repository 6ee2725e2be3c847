import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import OpenAI from 'openai'
import { afterAll, beforeAll } from 'vitest'
import { createApiKey } from '../../src/auth/api-key.ts'
import { createApiKeySignIn } from '../../src/auth/api-key-sign-in.ts'
import { createAuthenticate } from '../../src/auth/authenticate.ts'
import { createKeyDirectory } from '../../src/auth/key-directory.ts'
import { createSigningSecretsOf } from '../../src/auth/signing-secret.ts'
import { createId } from '../../src/core/id.ts'
import type { NewApiKeyRecord } from '../../src/core/ports/api-keys.ts'
import type { Tenants } from '../../src/core/ports/tenants.ts'
import type { Scope } from '../../src/core/principal.ts'
import type { SearchRequest } from '../../src/core/question.ts'
import type { RankedChunk } from '../../src/core/answer.ts'
import { createAuditNotes } from '../../src/http/audit-notes.ts'
import { buildApp } from '../../src/http/build-app.ts'
import { createDeeds } from '../../src/http/deeds.ts'
import type { HttpDeps } from '../../src/http/http-deps.ts'
import { createSubmission } from '../../src/ingest/submit.ts'
import { createAnswers } from '../../src/storage/answers.ts'
import { createApiKeys } from '../../src/storage/api-keys.ts'
import type { Backend } from '../../src/storage/backend.ts'
import { createAuditLog } from '../../src/storage/audit-log.ts'
import { createAuditRecords } from '../../src/storage/audit-records.ts'
import { createAuditSeals } from '../../src/storage/audit-seals.ts'
import { createAuditVerification } from '../../src/storage/audit-verification.ts'
import { createBlobDirectory } from '../../src/storage/blob-directory.ts'
import { createConversations } from '../../src/storage/conversations.ts'
import { createDatabase } from '../../src/storage/database.ts'
import { createDocuments } from '../../src/storage/documents.ts'
import { createFileBatches } from '../../src/storage/file-batches.ts'
import { createFiles } from '../../src/storage/files.ts'
import { createIdempotencyKeys } from '../../src/storage/idempotency-keys.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { createReferencedBlobs } from '../../src/storage/referenced-blobs.ts'
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
import { createTenantDirectory } from '../../src/tenancy/tenant-directory.ts'
import { readTiers } from '../../src/tenancy/tiers.ts'
import { examplePeople } from '../example-people.ts'
import { NO_RATES } from '../no-rates.ts'
import { createFakeEmbedder } from '../fake-embedder.ts'
import { openEmpty } from '../storage/backends.ts'
import { createWatchedLog, noteSecret, type WatchedLog } from '../watched-log.ts'
import { documentedFetch } from './documented-fetch.ts'
import { EXAMPLE_MODELS } from './example-models.ts'
import { createFakeAnswer, exampleChunk, type FakeAnswer } from './fake-answer.ts'
import { wholeText } from './whole-text.ts'
import { moneyOf } from './example-money.ts'

/** A server on real storage whose documents are indexed by hand, and whose answers are scripted. */
export interface HttpWorld {
  readonly deps: HttpDeps
  readonly app: FastifyInstance
  readonly url: string
  readonly tenantId: string
  /** Of a key with every scope. */
  readonly key: string
  readonly client: OpenAI
  readonly answer: FakeAnswer
  readonly searches: SearchRequest[]
  found: readonly RankedChunk[]
  newKey(scopes: readonly Scope[], fields?: KeyFields): Promise<string>
  newTenantKey(): Promise<string>
  readonly tenants: Tenants
  suspend(tenantId: string): Promise<void>
  /** Everything written so far gets its place in the chain. */
  sealAudit(): Promise<void>
  clientFor(key: string): OpenAI
  /** An application of its own, listening; closed with the world. */
  listen(overrides: Partial<HttpDeps>): Promise<{ app: FastifyInstance; url: string }>
  /** Does what the ingest job would: the text becomes one chunk. */
  index(document: { vectorStoreId: string; fileId: string }, text: string): Promise<void>
}

type KeyFields = Partial<Pick<NewApiKeyRecord, 'expiresAt' | 'limits' | 'vectorStoreIds'>>

export const FILE_LIMIT = 200_000
export const BODY_LIMIT = 100_000

/** A world for the tests of one file. */
export function useHttpWorld(kind: Backend['kind'] = 'pglite'): () => HttpWorld {
  let world: HttpWorld | undefined
  let close: () => Promise<void> = async () => undefined
  beforeAll(async () => {
    const opened = await openWorld(kind)
    world = opened.world
    close = opened.close
  })
  afterAll(() => close())
  return () => {
    if (world === undefined) throw new Error('The world is not open yet: use it inside tests.')
    return world
  }
}

async function openWorld(
  kind: Backend['kind'],
): Promise<{ world: HttpWorld; close: () => Promise<void> }> {
  const opened = await openEmpty(kind)
  const { backend } = opened
  await migrate(backend.pool)
  const folder = await mkdtemp(join(tmpdir(), 'ragstone-http-'))
  const answer = createFakeAnswer()
  const searches: SearchRequest[] = []
  const newTenant = async () => {
    const id = createId('ten_')
    await backend.pool.query("insert into tenants (id, name, tier) values ($1, $1, 'enterprise')", [
      id,
    ])
    return id
  }
  const tenantId = await newTenant()
  const log = createWatchedLog()
  const deps = createDeps({
    backend,
    log,
    tenantId,
    folder,
    answer,
    search: async (request) => {
      searches.push(request)
      return world.found
    },
  })
  const apps: FastifyInstance[] = []
  const listen = async (overrides: Partial<HttpDeps>) => {
    const app = buildApp({ ...deps, ...overrides })
    apps.push(app)
    log.watch(app)
    await app.listen({ host: '127.0.0.1', port: 0 })
    return { app, url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` }
  }
  const keyOf = async (tenantId: string, scopes: readonly Scope[], fields: KeyFields = {}) => {
    const { id, key, hash } = createApiKey()
    noteSecret(key)
    const expiresAt = fields.expiresAt ?? null
    await deps.database.transact(tenantId, (transaction) =>
      deps.apiKeys.insert(transaction, {
        id,
        name: 'test',
        hash,
        scopes,
        createdAt: new Date(),
        ...fields,
        expiresAt,
      }),
    )
    return key
  }
  const key = await keyOf(tenantId, ALL)
  const { app, url } = await listen({})
  const clientFor = (apiKey: string) =>
    new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0, fetch: documentedFetch(app) })
  const world: HttpWorld = {
    deps,
    app,
    url,
    tenantId,
    key,
    answer,
    searches,
    listen,
    clientFor,
    found: [exampleChunk()],
    client: clientFor(key),
    newKey: (scopes, fields) => keyOf(tenantId, scopes, fields),
    newTenantKey: async () => keyOf(await newTenant(), ALL),
    tenants: createTenants(backend.pool),
    async sealAudit() {
      await deps.audit.notes.flush()
      await createAuditSeals(backend.pool).seal(100_000, { keep: false })
    },
    async suspend(id) {
      await backend.pool.query("update tenants set status = 'suspended' where id = $1", [id])
    },
    async index({ vectorStoreId, fileId }, text) {
      const content = Buffer.from(text)
      const textSha256 = createHash('sha256').update(content).digest('hex')
      await deps.blobs.put(tenantId, textSha256, content)
      await deps.database.transact(tenantId, (transaction) =>
        deps.documents.index(transaction, {
          vectorStoreId,
          fileId,
          mediaType: 'text/plain',
          title: null,
          textSha256,
          textBytes: content.length,
          vectors: null,
          chunks: [wholeText(text)],
        }),
      )
    },
  }
  const close = async () => {
    for (const each of apps) {
      each.server.closeAllConnections()
      await each.close()
    }
    await deps.audit.notes.close()
    await opened.drop()
    await rm(folder, { recursive: true, force: true })
    log.check()
  }
  return { world, close }
}

const NO_PENALTY: PenaltySettings = { baseMs: 1_000, halfLifeMs: 60_000, longestMs: 0 }
const ALL: readonly Scope[] = ['admin', 'ask', 'ingest', 'read']

function createDeps(of: {
  readonly backend: Backend
  readonly tenantId: string
  readonly folder: string
  readonly log: WatchedLog
  readonly answer: FakeAnswer
  readonly search: HttpDeps['search']
}): HttpDeps {
  const plain = { database: createDatabase(of.backend), auditLog: createAuditLog() }
  const { database, auditLog, during } = createDeeds(plain)
  const { logger } = of.log
  const files = createFiles()
  const vectorStores = createVectorStores()
  const documents = createDocuments({ space: null })
  const blobs = createReferencedBlobs({ blobs: createBlobDirectory(of.folder), database })
  const apiKeys = createApiKeys(of.backend)
  const tenants = createTenants(of.backend.pool)
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
  return {
    database,
    files,
    vectorStores,
    documents,
    blobs,
    apiKeys,
    keyDirectory,
    signingSecretsOf: createSigningSecretsOf(['a secret of the tests, 32 characters']),
    answers: createAnswers(),
    conversations: createConversations(),
    fileBatches: createFileBatches(),
    idempotencyKeys: createIdempotencyKeys(),
    submission: createSubmission({
      database,
      files,
      documents,
      vectorStores,
      blobs,
      queue: { send: async () => undefined },
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
    tenantJobs: {
      wake: async () => undefined,
      count: async () => ({ all: 0, active: 0 }),
      delete: async () => undefined,
    },
    ...moneyOf(database),
    listTenantIds: async () => (await createTenants(of.backend.pool).list()).map(({ id }) => id),
    auditLog,
    audit: {
      during,
      notes: createAuditNotes({ ...plain, logger }),
      records: createAuditRecords(),
      verify: createAuditVerification(of.backend.pool),
    },
    tiers,
    models: EXAMPLE_MODELS,
    embedder: createFakeEmbedder(),
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
