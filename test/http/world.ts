import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import OpenAI from 'openai'
import { afterAll, beforeAll } from 'vitest'
import { createApiKey } from '../../src/auth/api-key.ts'
import { createId } from '../../src/core/id.ts'
import type { NewApiKeyRecord } from '../../src/core/ports/api-keys.ts'
import type { Tenants } from '../../src/core/ports/tenants.ts'
import type { Scope } from '../../src/core/principal.ts'
import type { SearchRequest } from '../../src/core/question.ts'
import type { RankedChunk } from '../../src/core/answer.ts'
import { ingestDocument } from '../../src/jobs/ingest-document.ts'
import { syncSource } from '../../src/jobs/sync-source.ts'
import { buildApp } from '../../src/http/build-app.ts'
import type { HttpDeps } from '../../src/http/http-deps.ts'
import type { Backend } from '../../src/storage/backend.ts'
import { createAuditSeals } from '../../src/storage/audit-seals.ts'
import { createTenants } from '../../src/storage/tenants.ts'
import { openQueue } from '../open-queue.ts'
import { openMigrated } from '../storage/backends.ts'
import { createWatchedLog, noteSecret } from '../watched-log.ts'
import { countRoundTrips } from './count-round-trips.ts'
import { documentedFetch } from './documented-fetch.ts'
import { createFakeAnswer, exampleChunk, type FakeAnswer } from './fake-answer.ts'
import { wholeText } from './whole-text.ts'
import { createDeps, type QueueParts } from './create-deps.ts'

/** A server on real storage whose documents are indexed by hand, and whose answers are scripted. */
export interface HttpWorld {
  readonly deps: HttpDeps
  readonly backend: Backend
  readonly app: FastifyInstance
  readonly url: string
  readonly tenantId: string
  /** Where the bytes of files lie. */
  readonly folder: string
  /** Of a key with every scope. */
  readonly key: string
  readonly client: OpenAI
  readonly answer: FakeAnswer
  readonly searches: SearchRequest[]
  found: readonly RankedChunk[]
  newKey(scopes: readonly Scope[], fields?: KeyFields): Promise<string>
  newTenantKey(): Promise<string>
  readonly tenants: Tenants
  /** With the database, by everything of this world, so far. */
  readonly roundTrips: () => number
  suspend(tenantId: string): Promise<void>
  /** Everything written so far gets its place in the chain. */
  sealAudit(): Promise<void>
  /** What no tenant's role may. */
  asOwner(statement: string, values?: readonly unknown[]): Promise<void>
  clientFor(key: string): OpenAI
  /** An application of its own, listening; closed with the world. */
  listen(overrides: Partial<HttpDeps>): Promise<{ app: FastifyInstance; url: string }>
  /** Does what the ingest job would: the text becomes one chunk. */
  index(
    document: { vectorStoreId: string; fileId: string; tenantId?: string },
    text: string,
  ): Promise<void>
}

type KeyFields = Partial<Pick<NewApiKeyRecord, 'expiresAt' | 'limits' | 'vectorStoreIds'>>

/** A world for the tests of one file. */
export function useHttpWorld(
  kind: Backend['kind'] = 'pglite',
  options: WorldOptions = {},
): () => HttpWorld {
  let world: HttpWorld | undefined
  let close: () => Promise<void> = async () => undefined
  beforeAll(async () => {
    const opened = await openWorld(kind, options)
    world = opened.world
    close = opened.close
  })
  afterAll(() => close())
  return () => {
    if (world === undefined) throw new Error('The world is not open yet: use it inside tests.')
    return world
  }
}

export interface WorldOptions {
  /** With a real queue, on whose jobs nobody works. */
  readonly jobs?: boolean
}

/** Outside a test file: whoever opens it closes it. */
export async function openWorld(
  kind: Backend['kind'],
  options: WorldOptions = {},
): Promise<{ world: HttpWorld; close: () => Promise<void> }> {
  const opened = await openMigrated(kind)
  const { backend } = opened
  const roundTrips = countRoundTrips(backend)
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
  const queue = options.jobs === true ? await openIdleQueue(backend) : null
  const deps = createDeps({
    backend,
    log,
    tenantId,
    folder,
    answer,
    queueParts: queue?.parts,
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
    backend,
    app,
    url,
    tenantId,
    folder,
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
    roundTrips,
    async sealAudit() {
      await deps.audit.notes.flush()
      await createAuditSeals(backend.pool).seal(100_000, { keep: false })
    },
    async asOwner(statement, values = []) {
      await backend.pool.query(statement, [...values])
    },
    async suspend(id) {
      await backend.pool.query("update tenants set status = 'suspended' where id = $1", [id])
    },
    async index({ vectorStoreId, fileId, tenantId: of = tenantId }, text) {
      const content = Buffer.from(text)
      const textSha256 = createHash('sha256').update(content).digest('hex')
      await deps.blobs.put(of, textSha256, content)
      await deps.database.transact(of, (transaction) =>
        deps.documents.index(transaction, {
          vectorStoreId,
          fileId,
          mediaType: 'text/plain',
          title: null,
          textSha256,
          textBytes: content.length,
          vectors: new Map(),
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
    await queue?.stop()
    await opened.drop()
    await rm(folder, { recursive: true, force: true })
    log.check()
  }
  return { world, close }
}

/** Nobody works on its jobs. */
async function openIdleQueue(backend: Backend) {
  const queue = await openQueue(backend, { jobs: [ingestDocument, syncSource] })
  const { jobs, tenantJobs, signals } = queue
  const parts: QueueParts = {
    queue: queue.sender(ingestDocument),
    syncQueue: queue.sender(syncSource),
    tenantJobs,
    jobs,
    signals,
  }
  return { parts, stop: () => queue.stop({ timeoutMs: 0 }) }
}

const ALL: readonly Scope[] = ['admin', 'ask', 'ingest', 'read']
