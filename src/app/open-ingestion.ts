import type { Logger } from 'pino'
import type { Metrics } from '../core/ports/metrics.ts'
import type { Chunks } from '../core/ports/chunks.ts'
import { createChangeChunk } from '../ingest/change-chunk.ts'
import { createReEmbed } from '../ingest/re-embed.ts'
import { createGiveUp } from '../ingest/give-up.ts'
import type { IngestEvent } from '../ingest/ingest-event.ts'
import { createIngest, type IngestDeps } from '../ingest/pipeline.ts'
import { createSteerJobs } from '../ingest/steer-jobs.ts'
import { createReader } from '../ingest/reader.ts'
import { handleIngestDocument } from '../jobs/ingest-document.ts'
import { handleReEmbedChunks } from '../jobs/re-embed-chunks.ts'
import { handleSyncSource } from '../jobs/sync-source.ts'
import { jobs as kinds } from '../jobs/list.ts'
import { createQueue, handled } from '../queue/pg-boss.ts'
import type { Backend } from '../storage/backend.ts'
import { createMissingVectors } from '../storage/missing-vectors.ts'
import type { OpenSignals } from '../storage/signals.ts'
import { createSourceSyncs } from '../storage/source-syncs.ts'
import type { TenantDirectory } from '../tenancy/tenant-directory.ts'
import type { Config } from './config.ts'
import { countJobs } from './count-jobs.ts'
import { createJobWatch } from './watch-jobs.ts'
import type { Models } from './open-models.ts'
import type { OpenSources, OpenSourcesParts } from './open-sources.ts'

export interface OpenIngestionDeps {
  readonly backend: Backend
  readonly models: Pick<Models, 'embedders' | 'tokenizer' | 'tokenizerSource'>
  /** Closed with it. */
  readonly signals: OpenSignals
  readonly logger: Logger
  readonly metrics: Metrics
  readonly tenantDirectory: TenantDirectory
  readonly version: string
  readonly kind: 'server' | 'worker'
  readonly openSources: (of: OpenSourcesParts) => OpenSources
  readonly parts: Omit<IngestDeps, 'chunks' | 'onEvent' | 'reader' | 'signals'> & {
    readonly chunks: Chunks
  }
}

const STOP_MS = 5_000

/** The queue of documents, the threads that read them, and the work on both, already begun. */
export async function openIngestion(config: Config, deps: OpenIngestionDeps) {
  const { backend, models, logger, metrics, tenantDirectory, parts, version, kind, signals } = deps
  const onEvent = (event: IngestEvent): void => {
    const isEnd = event.type === 'document-indexed' || event.type === 'document-failed'
    logger[isEnd ? 'info' : 'debug'](event, event.type)
  }
  const { retryLimit } = config.ingest
  const definition = { ...kinds.ingestDocument, retryLimit }
  const reEmbedding = { ...kinds.reEmbedChunks, retryLimit }
  const jobQueue = createQueue({
    executeSql: (text, values) => backend.pool.query(text, values),
    kind: backend.kind,
    jobs: [definition, kinds.syncSource, reEmbedding],
    signals,
    tenantConcurrency: config.ingest.tenantConcurrency,
    onEvent: createJobWatch({ logger, metrics }),
    onError: (error) => logger.error({ error }, 'the queue is not well'),
  })
  const reader = createReader({
    limits: { ...config.ingest, maxBytes: config.ingest.maxFileBytes },
    threads: config.ingest.readerThreads,
    tokenizer: models.tokenizerSource,
  })
  const ingest = createIngest({ ...parts, reader, signals, onEvent })
  const { database, documents } = parts
  const giveUp = createGiveUp({ database, documents, signals, onEvent })
  await jobQueue.start()
  const { jobs, tenantJobs, counts } = jobQueue
  const queue = jobQueue.sender(definition)
  const syncQueue = jobQueue.sender(kinds.syncSource)
  const sources = deps.openSources({ queue, syncQueue, jobs, signals })
  const concurrency = slotsOf(config, kind)
  if (concurrency > 0) {
    const ingestion = handled(definition, handleIngestDocument({ ingest, giveUp, tenantDirectory }))
    // A listing that takes its time is no reason for an upload to wait.
    const slots = config.sources.concurrency
    const handle = handleSyncSource({ sync: sources.sync, tenantDirectory })
    const syncing = handled(kinds.syncSource, handle, { slots })
    const reEmbed = createReEmbed({
      ...parts,
      missing: createMissingVectors(),
      models: models.embedders,
      sender: jobQueue.sender(reEmbedding),
    })
    const building = handled(reEmbedding, handleReEmbedChunks({ reEmbed }), { slots: 1 })
    jobQueue.work([ingestion, syncing, building], { concurrency, kind, version })
  }
  const jobCounts = countJobs({
    jobs,
    metrics,
    onError: (error) => logger.error({ error }, 'the jobs could not be counted'),
  })
  return {
    queue,
    sources,
    reEmbedding: jobQueue.sender(reEmbedding),
    counts,
    http: {
      jobs,
      tenantJobs,
      signals,
      steerJobs: createSteerJobs({
        database,
        documents,
        jobs,
        signals,
        syncs: createSourceSyncs(),
      }),
      changeChunk: createChangeChunk({ ...parts, tokenizer: models.tokenizer }),
    },
    /** Hands jobs back. */
    async stop() {
      await jobCounts.stop()
      await jobQueue.stop({ timeoutMs: STOP_MS })
    },
    /** After what may still look at jobs has ended. */
    async close() {
      await signals.close()
      await reader.close()
    },
  }
}

function slotsOf({ server, ingest }: Config, kind: 'server' | 'worker'): number {
  return kind === 'worker' ? ingest.concurrency : (server.workers ?? ingest.concurrency)
}
