import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { NO_CAPS, type Caps } from '../../src/core/caps.ts'
import type { Attributes } from '../../src/core/filter.ts'
import type { CredentialSeal } from '../../src/core/ports/credential-seal.ts'
import type { Attempt, JobOutcome, SyncJob } from '../../src/core/ports/queue.ts'
import type { Signal } from '../../src/core/ports/signals.ts'
import type { SourceRecord, SyncNote, SyncRecord } from '../../src/core/source.ts'
import { createSourceDesk, type SourceWish } from '../../src/ingest/sync/source-desk.ts'
import { createStartSync, type SyncWish } from '../../src/ingest/sync/start-sync.ts'
import type { SyncDeps } from '../../src/ingest/sync/sync-deps.ts'
import { createSync } from '../../src/ingest/sync/sync.ts'
import { createSubmission } from '../../src/ingest/submit.ts'
import { createDocuments } from '../../src/storage/documents.ts'
import { createFiles } from '../../src/storage/files.ts'
import { createReferencedBlobs } from '../../src/storage/referenced-blobs.ts'
import { createSourceAgenda } from '../../src/storage/source-agenda.ts'
import { createSourceDocuments } from '../../src/storage/source-documents.ts'
import { createSourceSyncs } from '../../src/storage/source-syncs.ts'
import { createSources } from '../../src/storage/sources.ts'
import { createSpool } from '../../src/storage/spool.ts'
import { createVectorStores } from '../../src/storage/vector-stores.ts'
import type { World } from '../storage/backends.ts'
import { blobsIn, tenantBlobsIn } from '../storage/blob-folder.ts'
import { createFakeSource, type FakeSource } from './fake-source.ts'
import { addStore } from '../storage/library.ts'

/** Credentials behind a cover that tests can see through. */
const fakeSeal: CredentialSeal = {
  close: async (text, { sourceId }) => `sealed ${sourceId} ${Buffer.from(text).toString('hex')}`,
  open: async (sealed, { sourceId }) => {
    const [, place, hex = ''] = sealed.split(' ')
    if (place !== sourceId) throw new Error('Sealed for another source.')
    return Buffer.from(hex, 'hex').toString()
  },
}

export type SyncWorkshop = Awaited<ReturnType<typeof openSyncWorkshop>>

/** Syncs with everything real but the place and the queue, for one new tenant with one source; gone with its test. */
export async function openSyncWorkshop(world: World, options: { readonly caps?: Caps } = {}) {
  const { backend, database } = world
  const folder = await mkdtemp(join(tmpdir(), 'ragstone-sync-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const tenantId = await world.newTenant()
  const vectorStoreId = await database.transact(tenantId, (transaction) => addStore(transaction))
  const vectorStores = createVectorStores()
  const files = createFiles()
  const documents = createDocuments({ space: null })
  const blobs = createReferencedBlobs({ blobs: blobsIn(folder), database })
  const sources = createSources()
  const syncs = createSourceSyncs()
  const sourceDocuments = createSourceDocuments()
  const ingestJobs: string[] = []
  const syncJobs: SyncJob[] = []
  const signals: Signal[] = []
  const errors: unknown[] = []
  const fake: FakeSource = createFakeSource()
  const submission = createSubmission({
    database,
    files,
    documents,
    vectorStores,
    blobs,
    queue: { send: async (_, { fileId }) => void ingestJobs.push(fileId) },
    maxBytes: 1_000,
    defaultChunkSize: { maxTokens: 40, overlapTokens: 0 },
    capsOf: async () => options.caps ?? NO_CAPS,
  })
  const deps: SyncDeps = {
    database,
    kinds: new Map([[fake.kind.name, fake.kind]]),
    sources,
    syncs,
    sourceDocuments,
    seal: fakeSeal,
    spool: createSpool(join(folder, 'spool')),
    submission,
    files,
    documents,
    blobs,
    signals: { announce: (_, signal) => void signals.push(signal) },
    onError: (error) => void errors.push(error),
  }
  const startSync = createStartSync({
    syncs,
    queue: { send: async (_, job) => void syncJobs.push(job) },
  })
  const desk = createSourceDesk({
    ...deps,
    startSync,
    jobs: { lock: async () => [], cancel: async () => undefined },
  })
  const source: SourceRecord = await desk.create(tenantId, wishFor(vectorStoreId))

  async function start(wish: Partial<SyncWish> = {}, of = source): Promise<SyncRecord> {
    return database.transact(tenantId, (transaction) =>
      startSync(transaction, of, { trigger: 'person', keys: null, dryRun: false, ...wish }),
    )
  }
  async function run(
    sync: SyncRecord,
    {
      signal = new AbortController().signal,
      attempt = {},
      with: other = {},
    }: {
      readonly signal?: AbortSignal
      readonly attempt?: Partial<Attempt>
      readonly with?: Partial<SyncDeps>
    } = {},
  ): Promise<JobOutcome> {
    const { id: syncId, sourceId } = sync
    return createSync({ ...deps, ...other })(
      { tenantId, vectorStoreId, sourceId, syncId },
      signal,
      { ...ATTEMPT, ...attempt },
    )
  }
  const get = async (id: string): Promise<SyncRecord> => {
    const sync = await database.transact(tenantId, (transaction) => syncs.get(transaction, id))
    if (sync === null) throw new Error(`There is no sync ${id}.`)
    return sync
  }
  return {
    tenantId,
    vectorStoreId,
    database,
    fake,
    deps,
    desk,
    startSync,
    source,
    start,
    run,
    get,
    agenda: createSourceAgenda(backend.pool),
    ingestJobs,
    syncJobs,
    signals,
    errors,
    /** From beginning to end, as one job. */
    async sync(wish: Partial<SyncWish> = {}): Promise<SyncRecord> {
      const { id } = await start(wish)
      await run(await get(id))
      return get(id)
    },
    notes: (id: string): Promise<readonly SyncNote[]> =>
      database.transact(tenantId, (transaction) =>
        syncs.notes(transaction, id, { action: null, after: null, limit: 10_000 }),
      ),
    /** Of every document, by source key as far as its source's. */
    async attributes(): Promise<Readonly<Record<string, Attributes>>> {
      const rows = await database.transact(tenantId, (transaction) =>
        transaction.query<{ source_key: string; attributes: Attributes }>(
          'select source_key, attributes from documents where tenant_id = $1',
          [tenantId],
        ),
      )
      return Object.fromEntries(
        rows.map((row) => [row.source_key.slice(source.id.length + 1), row.attributes]),
      )
    },
    /** Hashes of the newest documents by source key, as far as their source's. */
    async stored(): Promise<Readonly<Record<string, string>>> {
      const rows = await database.transact(tenantId, (transaction) =>
        transaction.query<{ source_key: string; sha256: string }>(
          `select distinct on (source_key) source_key, sha256 from documents
           join files on files.tenant_id = documents.tenant_id and files.id = documents.file_id
           where documents.tenant_id = $1 order by source_key, documents.created_at desc, file_id desc`,
          [tenantId],
        ),
      )
      return Object.fromEntries(
        rows.map((row) => [row.source_key.slice(source.id.length + 1), row.sha256]),
      )
    },
    async count(table: string, where = 'true'): Promise<number> {
      const [row] = await database.transact(tenantId, (transaction) =>
        transaction.query<{ count: number }>(
          `select count(*)::int as count from ${table} where tenant_id = $1 and ${where}`,
          [tenantId],
        ),
      )
      return row?.count ?? 0
    },
    countBlobs: async () => (await tenantBlobsIn(folder).count(tenantId)).blobs,
  }
}

export const wishFor = (vectorStoreId: string): SourceWish => ({
  vectorStoreId,
  name: 'place',
  kind: 'fake',
  settings: {},
  credentials: null,
  schedule: null,
  deleteShare: 0.5,
  isPaused: false,
})

const ATTEMPT: Pick<Attempt, 'bury' | 'complete' | 'endsWith' | 'exhausted'> = {
  complete: async () => undefined,
  bury: async () => undefined,
  endsWith: () => false,
  exhausted: false,
}
