import type { Logger } from 'pino'
import { createGiveUp } from '../ingest/give-up.ts'
import type { IngestEvent } from '../ingest/ingest-event.ts'
import { createIngest, type IngestDeps } from '../ingest/pipeline.ts'
import { createReader } from '../ingest/reader.ts'
import { handleIngestDocument } from '../jobs/ingest-document.ts'
import { jobs } from '../jobs/list.ts'
import { createQueue } from '../queue/pg-boss.ts'
import type { Backend } from '../storage/backend.ts'
import type { TenantDirectory } from '../tenancy/tenant-directory.ts'
import type { Config } from './config.ts'
import type { Models } from './open-models.ts'

export interface OpenIngestionDeps {
  readonly backend: Backend
  readonly models: Pick<Models, 'tokenizerSource'>
  readonly logger: Logger
  readonly tenantDirectory: TenantDirectory
  readonly parts: Omit<IngestDeps, 'onEvent' | 'reader'>
}

/** The queue of documents, the threads that read them, and the work on both, already begun. */
export async function openIngestion(config: Config, deps: OpenIngestionDeps) {
  const { backend, models, logger, tenantDirectory, parts } = deps
  const onEvent = (event: IngestEvent): void => {
    const isEnd = event.type === 'document-indexed' || event.type === 'document-failed'
    logger[isEnd ? 'info' : 'debug'](event, event.type)
  }
  const jobQueue = await createQueue({
    executeSql: (text, values) => backend.pool.query(text, values),
    kind: backend.kind,
    job: { ...jobs.ingestDocument, retryLimit: config.ingest.retryLimit },
    onError: (error) => logger.error({ error }, 'the queue is not well'),
  })
  const reader = createReader({
    limits: { ...config.ingest, maxBytes: config.ingest.maxFileBytes },
    threads: config.ingest.readerThreads,
    tokenizer: models.tokenizerSource,
  })
  const ingest = createIngest({ ...parts, reader, onEvent })
  const { database, documents } = parts
  const giveUp = createGiveUp({ database, documents, onEvent })
  await jobQueue.start()
  await jobQueue.work(handleIngestDocument({ ingest, giveUp, tenantDirectory }), config.ingest)
  return { jobQueue, reader }
}
