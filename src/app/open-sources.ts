import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Jobs } from '../core/ports/jobs.ts'
import type { JobSender, Queue, SyncJob } from '../core/ports/queue.ts'
import type { Signals } from '../core/ports/signals.ts'
import type { SourceKind } from '../core/ports/source-kind.ts'
import type { Sources, SourceSyncs } from '../core/ports/sources.ts'
import type { Submission } from '../core/submission.ts'
import { createSourceDesk, type SourceDesk } from '../ingest/sync/source-desk.ts'
import { startDueSyncs } from '../ingest/sync/start-due-syncs.ts'
import { createStartSync } from '../ingest/sync/start-sync.ts'
import type { SyncDeps } from '../ingest/sync/sync-deps.ts'
import { createSync, type Sync } from '../ingest/sync/sync.ts'
import { createSourceWatch } from '../ingest/sync/watch-sources.ts'
import type { Backend } from '../storage/backend.ts'
import { createSourceAgenda } from '../storage/source-agenda.ts'
import { createSourceDocuments } from '../storage/source-documents.ts'
import { createSourceSyncs } from '../storage/source-syncs.ts'
import { createSources } from '../storage/sources.ts'
import type { TenantDirectory } from '../tenancy/tenant-directory.ts'
import type { Config } from './config.ts'
import { openReach } from './open-reach.ts'
import { openSourceKinds } from './open-source-kinds.ts'
import { periodically } from './periodically.ts'

/** What there is once the queue is. */
export interface OpenSourcesParts {
  readonly queue: Queue
  readonly syncQueue: JobSender<SyncJob>
  readonly jobs: Jobs
  readonly signals: Signals
}

export interface OpenSourcesDeps extends Pick<
  SyncDeps,
  'blobs' | 'database' | 'documents' | 'files' | 'seal' | 'spool'
> {
  readonly backend: Backend
  readonly submissionTo: (queue: Queue) => Submission
  readonly tenantDirectory: Pick<TenantDirectory, 'requireActive'>
  readonly logger: Logger
  readonly version: string
}

export interface OpenSources {
  readonly sync: Sync
  readonly http: {
    readonly sourceDesk: SourceDesk
    readonly sourceKinds: ReadonlyMap<string, SourceKind>
    readonly sources: Sources
    readonly sourceSyncs: SourceSyncs
  }
  /** Starts what is due, and listens to what tells of changes, from here on. */
  begin(): void
  stop(): Promise<void>
}

const EVERY_MS = 5_000
/** How long a bucket may be silent. */
const SILENCE_MS = 30_000

/** Sources, their syncs and what starts them. */
export function openSources(
  config: Config,
  deps: OpenSourcesDeps,
  { queue, syncQueue, jobs, signals }: OpenSourcesParts,
): OpenSources {
  const { backend, database, logger, tenantDirectory } = deps
  const kinds = openSourceKinds(
    {
      dataDirectory: config.data.directory,
      maxFileBytes: config.ingest.maxFileBytes,
      folderRoots: config.sources.folderRoots,
      lendCredentials: config.sources.lendCredentials,
      timeoutMs: SILENCE_MS,
      userAgent: config.sources.userAgent ?? `Ragstone/${deps.version}`,
      fetchSeconds: config.sources.fetchSeconds,
    },
    // oxlint-disable-next-line no-process-env -- git needs what any program needs: its path, its certificates
    { reach: openReach(config.sources), logger, variables: process.env },
  )
  const sources = createSources()
  const syncs = createSourceSyncs()
  const sourceDocuments = createSourceDocuments()
  const agenda = createSourceAgenda(backend.pool)
  const startSync = createStartSync({ syncs, queue: syncQueue })
  const parts: SyncDeps = {
    ...deps,
    kinds,
    sources,
    syncs,
    sourceDocuments,
    signals,
    submission: deps.submissionTo(queue),
    onError: (error, what) => logger.warn({ error, ...what }, 'a document could not be taken in'),
  }
  const watch = createSourceWatch({
    ...parts,
    agenda,
    startSync,
    worker: randomUUID(),
    onError: (error, place) => logger.warn({ error, ...place }, 'a source could not be watched'),
  })
  const isServed = (tenantId: string) =>
    tenantDirectory.requireActive(tenantId).then(
      () => true,
      () => false,
    )
  let work: { stop(): Promise<void> } | null = null
  return {
    sync: createSync(parts),
    http: {
      sourceDesk: createSourceDesk({ ...parts, jobs, startSync }),
      sourceKinds: kinds,
      sources,
      sourceSyncs: syncs,
    },
    begin() {
      const due = { agenda, database, sources, startSync, isServed }
      work = periodically(
        async (signal) => {
          await startDueSyncs(due, signal)
          await watch.look()
        },
        {
          everyMs: EVERY_MS,
          onError: (error) => logger.error({ error }, 'the sources were not looked after'),
        },
      )
    },
    async stop() {
      await work?.stop()
      await watch.stop()
    },
  }
}
