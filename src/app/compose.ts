import type { Logger } from 'pino'
import { createFailedAttempts } from '../auth/failed-attempts.ts'
import { createPeopleServices } from '../auth/people-services.ts'
import type { Principal } from '../core/principal.ts'
import type { HttpDeps } from '../http/http-deps.ts'
import type { Queue } from '../core/ports/queue.ts'
import { createSubmission } from '../ingest/submit.ts'
import { createRateLimiter } from '../limits/rate-limiter.ts'
import { createStreamCap } from '../limits/stream-cap.ts'
import { createApiKeys } from '../storage/api-keys.ts'
import { createAuditChain } from '../storage/audit-links.ts'
import { createAuditRecords } from '../storage/audit-records.ts'
import { createAuditVerification } from '../storage/audit-verification.ts'
import { createChunkIndex } from '../storage/chunk-index.ts'
import { createEmbeddingCache } from '../storage/embedding-cache.ts'
import { createPeopleStores } from '../storage/people-stores.ts'
import { openSignals } from '../storage/signals.ts'
import { createTenants } from '../storage/tenants.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { createCapsOf } from '../tenancy/caps-of.ts'
import { createTenantDirectory } from '../tenancy/tenant-directory.ts'
import { readTiers } from '../tenancy/tiers.ts'
import { createUserBudgetDirectory } from '../tenancy/user-budget-directory.ts'
import { auditRefusals } from './audit-refusals.ts'
import { readAuthSecrets } from './auth-secret.ts'
import { openCredentialSeal } from './credential-seal.ts'
import type { Config } from './config.ts'
import { createHealth } from './health.ts'
import { openErasures } from './open-erasures.ts'
import { openExports } from './open-exports.ts'
import { openCounting } from './open-limits.ts'
import { createKeyServices } from './key-services.ts'
import { httpSettings } from './http-settings.ts'
import { createSignIn } from './create-sign-in.ts'
import { openAnswering } from './open-answering.ts'
import { openAudit } from './open-audit.ts'
import { openBlobs } from './open-blobs.ts'
import { openIngestion } from './open-ingestion.ts'
import { openMigrations } from './open-migrations.ts'
import { openModels } from './open-models.ts'
import { openSources } from './open-sources.ts'
import { ownerOf } from './owner.ts'
import { openSpaces } from './open-spaces.ts'
import { openSpending } from './open-spending.ts'
import { openSweep } from './open-sweep.ts'
import { createProviderAllowances } from './provider-allowances.ts'
import { openStorage } from './open-storage.ts'
import { createTables } from './tables.ts'
import { peopleSettings } from './people-settings.ts'

export interface Services extends Omit<HttpDeps, 'principal'> {
  /** Of the first tenant, with every right: whoever reaches the socket in the data directory. */
  readonly owner: Principal
  /** Whether this start made the first tenant. */
  readonly first: boolean
  /** Hands jobs back, ends threads, closes the database: in that order. */
  close(): Promise<void>
}

/** The one place where concrete things meet. Opens everything, starts working on jobs, listens to nobody yet. */
export async function compose(
  config: Config,
  {
    logger,
    version,
    kind = 'server',
    stdout,
  }: {
    readonly logger: Logger
    readonly version: string
    /** A worker listens to nobody, and works on as many jobs as it may. */
    readonly kind?: 'server' | 'worker'
    /** Null for a command, whose output is its own. */
    readonly stdout: NodeJS.WritableStream | null
  },
): Promise<Services> {
  const backend = await openStorage(config, (error) => {
    // Nothing works without it, and its lock is gone: the next start takes up where this one ended.
    logger.fatal({ error }, 'the embedded database has failed')
    process.kill(process.pid, 'SIGTERM')
  })
  const metrics = createMetrics({ process: true })
  const counting = await openCounting(config, { logger, metrics })
  const models = await openModels(config, {
    allowances: createProviderAllowances({ counters: counting.rateCounters, metrics, logger }),
  })
  const { tokenizer } = models
  const signals = openSignals(backend)
  const spaces = await openSpaces({ backend, models, signals, logger })

  const { database, auditLog, during, auditNotes, auditWork } = openAudit(config.audit, {
    backend,
    logger,
    metrics,
    stdout,
  })
  const tenants = createTenants(backend.pool)
  const apiKeys = createApiKeys(backend)
  const tables = createTables()
  const { answers, chunks, documents, files, idempotencyKeys, userBudgets, vectorStores } = tables
  const filesAtRest = await openBlobs(config, { backend, database, metrics, logger })
  const { blobs, blobChecks, dataKeys, spool, tenantBlobs } = filesAtRest
  const { tenantId, created } = await tenants.ensureFirst()
  const tenantDirectory = createTenantDirectory({ tenants })
  const tiers = readTiers(config.tenancy.tiers)
  const { budgets, budgetsOf, spending, tariff, usageLedger } = openSpending(config, {
    database,
    metrics,
    models: models.infos,
    tokenizer,
    tenantDirectory,
    tiers,
  })
  const failedAttempts = createFailedAttempts()
  const authSecrets = await readAuthSecrets(config)
  const people = createPeopleServices({
    database,
    auditLog,
    tenantDirectory,
    stores: createPeopleStores(),
    secrets: authSecrets,
    settings: peopleSettings(config),
    defaultTenantId: tenantId,
  })
  const keys = createKeyServices({ apiKeys, database, authSecrets, logger })

  const capsOf = createCapsOf({ tenantDirectory, tiers })
  const submissionTo = (queue: Queue) =>
    createSubmission({
      database,
      files,
      documents,
      vectorStores,
      blobs,
      queue,
      maxBytes: config.ingest.maxFileBytes,
      defaultChunkSize: config.chunking,
      capsOf,
    })
  const ingestion = await openIngestion(config, {
    backend,
    models,
    signals,
    logger,
    tenantDirectory,
    metrics,
    version,
    kind,
    openSources: (parts) =>
      openSources(
        config,
        {
          backend,
          database,
          documents,
          files,
          blobs,
          spool,
          seal: openCredentialSeal({ dataKeys, secrets: authSecrets }),
          submissionTo,
          tenantDirectory,
          logger,
          version,
        },
        parts,
      ),
    parts: {
      database,
      documents,
      chunks,
      embeddingCache: createEmbeddingCache(),
      blobs,
      writeModels: spaces.writeModels,
      capsOf,
      spending,
      budgetsOf,
    },
  })

  const { answer, search, searchBy, admission } = openAnswering(config, {
    auditLog,
    database,
    answers,
    chunkIndex: createChunkIndex({ space: spaces.spaceOf }),
    models,
    spaces,
    spending,
    tariff,
    tenantDirectory,
    logger,
    metrics,
  })
  const migrations = openMigrations({
    backend,
    database,
    spaces,
    signals,
    searchBy,
    spending,
    models: models.infos,
    jobs: ingestion.http.jobs,
    sender: ingestion.reEmbedding,
    logger,
  })
  const erasures = openErasures({
    backend,
    tenantBlobs,
    database,
    tenantJobs: ingestion.http.tenantJobs,
    tenantDirectory,
    auditLog,
    onError: (error) => logger.error({ error }, 'the erasure of a tenant was interrupted'),
  })
  if (kind === 'server') filesAtRest.sweep()
  ingestion.sources.begin()
  const sweep = openSweep({
    wake: () => ingestion.http.tenantJobs.wake(),
    deps: { database, tenants, files, vectorStores, idempotencyKeys, blobs, apiKeys, auditLog },
    logger,
  })
  return {
    ...tables,
    database,
    blobs,
    blobChecks,
    dataKeys,
    spool,
    submission: submissionTo(ingestion.queue),
    answer,
    search,
    apiKeys,
    keyDirectory: keys.directory,
    signingSecretsOf: keys.signingSecretsOf,
    authenticate: createSignIn({
      ofKeys: keys.ways,
      ofPeople: people.ways,
      issuers: config.auth.issuers,
      attempts: failedAttempts,
      onRefused: auditRefusals({ database, auditLog, logger }),
    }),
    auditLog,
    people,
    tenants,
    tenantDirectory,
    ...ingestion.http,
    ...ingestion.sources.http,
    tenantErasures: erasures.tenantErasures,
    eraseTenants: erasures.eraseTenants,
    exportTenant: openExports({
      backend,
      database,
      blobs,
      tenants,
      version,
    }),
    tiers,
    audit: {
      during,
      notes: auditNotes,
      records: createAuditRecords(),
      chain: createAuditChain(backend.pool),
      verify: createAuditVerification(backend.pool),
    },
    models: models.infos,
    embeddingModels: spaces.models,
    embeddings: migrations.embeddings,
    health: createHealth({
      pool: backend.pool,
      kind: backend.kind,
      jobQueue: ingestion,
      jobs: ingestion.http.jobs,
      spaces,
      admission,
      counting,
      filesAtRest,
      audit: auditWork,
    }),
    metrics,
    rateLimiter: createRateLimiter({
      counters: counting.rateCounters,
      settings: config.limits,
      metrics,
    }),
    streamCap: createStreamCap({ leases: counting.leases }),
    userBudgetDirectory: createUserBudgetDirectory({ database, userBudgets }),
    budgets,
    usageLedger,
    spending,
    listTenantIds: async () => (await tenants.list()).map(({ id }) => id),
    logger,
    version,
    settings: httpSettings(config),
    owner: ownerOf(tenantId),
    first: created,
    async close() {
      await sweep.stop()
      await migrations.stop()
      await erasures.stop()
      await filesAtRest.close()
      await keys.settled()
      await ingestion.sources.stop()
      await ingestion.stop()
      await spaces.stop()
      await auditNotes.close()
      await auditWork.stop()
      await ingestion.close()
      await models.close()
      await backend.close()
      counting.close()
    },
  }
}
