// How long a folder takes that has not changed, and how long it took the first time, without parsing and embedding.
//   node bench/measure-folder-sync.ts [--files 10000]
// PGlite always, PostgreSQL 18 where RAGSTONE_TEST_DATABASE_URL names one. Writes bench/results/folder-sync.json.
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { NO_CAPS } from '../src/core/caps.ts'
import { createId } from '../src/core/id.ts'
import { createSourceDesk } from '../src/ingest/sync/source-desk.ts'
import { createStartSync } from '../src/ingest/sync/start-sync.ts'
import type { SyncDeps } from '../src/ingest/sync/sync-deps.ts'
import { createSync } from '../src/ingest/sync/sync.ts'
import { createSubmission } from '../src/ingest/submit.ts'
import { ingestDocument } from '../src/jobs/ingest-document.ts'
import { syncSource } from '../src/jobs/sync-source.ts'
import { createFolderKind } from '../src/sources/folder/folder-kind.ts'
import type { Backend } from '../src/storage/backend.ts'
import { createBlobs } from '../src/storage/blobs.ts'
import { createDatabase } from '../src/storage/database.ts'
import { createDocuments } from '../src/storage/documents.ts'
import { createFiles } from '../src/storage/files.ts'
import { migrate } from '../src/storage/migrate.ts'
import { createObjectDirectory } from '../src/storage/object-directory.ts'
import { createReferencedBlobs } from '../src/storage/referenced-blobs.ts'
import { createSourceDocuments } from '../src/storage/source-documents.ts'
import { createSourceSyncs } from '../src/storage/source-syncs.ts'
import { createSources } from '../src/storage/sources.ts'
import { createSpool } from '../src/storage/spool.ts'
import { createVectorStores } from '../src/storage/vector-stores.ts'
import { openQueue } from '../test/open-queue.ts'
import { BACKENDS, openEmpty } from '../test/storage/backends.ts'
import { round } from './percentiles.ts'
import { writeResults } from './results.ts'

const { values: options } = parseArgs({ options: { files: { type: 'string', default: '10000' } } })
const files = Number(options.files)
const FILES_A_FOLDER = 100
const REPEATS = 3

export interface FolderSyncRow {
  readonly backend: 'pglite' | 'postgres'
  /** Seconds of the first sync: read, hashed, kept and queued, but not yet parsed or embedded. */
  readonly first: number
  /** Seconds of a sync in which nothing had changed; the middle one of three. */
  readonly unchanged: number
}

const rows: FolderSyncRow[] = []
for (const kind of BACKENDS) {
  const { backend, drop } = await openEmpty(kind)
  const folder = await mkdtemp(join(tmpdir(), 'ragstone-folder-sync-'))
  try {
    await migrate(backend.pool)
    rows.push(await measure(backend, folder))
    console.log(JSON.stringify(rows.at(-1)))
  } finally {
    await drop()
    await rm(folder, { recursive: true, force: true })
  }
}
await writeResults('folder-sync', { files, rows })

async function measure(backend: Backend, folder: string): Promise<FolderSyncRow> {
  const papers = join(folder, 'papers')
  await fill(papers)
  const opened = await open(backend, folder, papers)
  const first = await timed(() => opened.sync())
  const again: number[] = []
  for (let at = 0; at < REPEATS; at += 1) again.push(await timed(() => opened.sync()))
  await opened.close()
  const middle = again.toSorted((one, other) => one - other)[Math.floor(REPEATS / 2)] ?? 0
  return { backend: backend.kind, first: round(first), unchanged: round(middle) }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}

/** Files of a kilobyte, all different, and old enough for their times to tell. */
async function fill(papers: string): Promise<void> {
  for (let at = 0; at < files; at += 1) {
    const folder = join(papers, String(Math.floor(at / FILES_A_FOLDER)))
    if (at % FILES_A_FOLDER === 0) await mkdir(folder, { recursive: true })
    const path = join(folder, `${at}.txt`)
    await writeFile(path, `Paper ${at}. ${'It speaks of the weather. '.repeat(40)}`)
    await utimes(path, 1_700_000_000, 1_700_000_000 + at)
  }
}

async function open(backend: Backend, folder: string, papers: string) {
  const database = createDatabase(backend)
  const queue = await openQueue(backend, { jobs: [ingestDocument, syncSource] })
  const { jobs, signals } = queue
  const tenantId = createId('ten_')
  const vectorStoreId = createId('vs_')
  await backend.pool.query('insert into tenants (id, name) values ($1, $1)', [tenantId])
  const vectorStores = createVectorStores()
  await database.transact(tenantId, (transaction) =>
    vectorStores.insert(transaction, {
      id: vectorStoreId,
      name: 'papers',
      metadata: {},
      createdAt: new Date(),
      expiresAfterDays: null,
      chunkSize: null,
    }),
  )
  const objects = createObjectDirectory(join(folder, 'blobs'))
  const plain = createBlobs({ objects, dataKeys: null, onDamage: () => undefined })
  const blobs = createReferencedBlobs({ blobs: plain, database })
  const kind = createFolderKind({ roots: [folder], maxFileBytes: 1_000_000 })
  const syncs = createSourceSyncs()
  const storedFiles = createFiles()
  const documents = createDocuments({ space: null })
  const deps: SyncDeps = {
    database,
    kinds: new Map([[kind.name, kind]]),
    sources: createSources(),
    syncs,
    sourceDocuments: createSourceDocuments(),
    documents,
    seal: { close: async (text) => text, open: async (text) => text },
    spool: createSpool(join(folder, 'spool')),
    submission: createSubmission({
      database,
      files: storedFiles,
      documents,
      vectorStores,
      blobs,
      queue: queue.sender(ingestDocument),
      maxBytes: 1_000_000,
      defaultChunkSize: { maxTokens: 256, overlapTokens: 32 },
      capsOf: async () => NO_CAPS,
    }),
    files: storedFiles,
    blobs,
    signals,
    onError: (error) => console.error(error),
  }
  const startSync = createStartSync({ syncs, queue: queue.sender(syncSource) })
  const desk = createSourceDesk({ ...deps, jobs, startSync })
  const source = await desk.create(tenantId, {
    vectorStoreId,
    name: 'papers',
    kind: kind.name,
    settings: { path: papers },
    credentials: null,
    schedule: null,
    deleteShare: 0.5,
    isPaused: false,
  })
  const work = createSync(deps)
  const attempt = {
    complete: async () => undefined,
    bury: async () => undefined,
    endsWith: () => true,
    exhausted: false,
  }
  return {
    async sync() {
      const begun = await desk.sync(tenantId, source.id, { dryRun: false, keys: null })
      const syncId = begun?.id ?? ''
      const job = { tenantId, vectorStoreId, sourceId: source.id, syncId }
      await work(job, new AbortController().signal, attempt)
      const done = await database.transact(tenantId, (within) => syncs.get(within, syncId))
      const { added = 0, unchanged = 0 } = done?.counts ?? {}
      if (done?.status !== 'completed' || added + unchanged !== files)
        throw new Error(`The sync is ${JSON.stringify(done)}`)
    },
    close: () => queue.stop({ timeoutMs: 1_000 }),
  }
}
