import type { FastifyBaseLogger } from 'fastify'
import type { Authenticate } from '../auth/authenticate.ts'
import type { PeopleServices } from '../auth/people-services.ts'
import type { KeyDirectory } from '../auth/key-directory.ts'
import type { SigningSecretsOf } from '../auth/signing-secret.ts'
import type { Answer, Search } from '../core/ask.ts'
import type { ModelInfo } from '../core/model.ts'
import type { ApiKeys } from '../core/ports/api-keys.ts'
import type { AuditLog } from '../core/ports/audit.ts'
import type { Answers } from '../core/ports/answers.ts'
import type { BlobChecks } from '../core/ports/blob-checks.ts'
import type { BlobStore } from '../core/ports/blob-store.ts'
import type { Budgets, UserBudgets } from '../core/ports/budgets.ts'
import type { Conversations } from '../core/ports/conversations.ts'
import type { Chunks } from '../core/ports/chunks.ts'
import type { DataKeys } from '../core/ports/data-keys.ts'
import type { LimitableDatabase } from '../core/ports/database.ts'
import type { Documents } from '../core/ports/documents.ts'
import type { EmbeddingModel } from '../core/ports/embedding-model.ts'
import type { FileBatches } from '../core/ports/file-batches.ts'
import type { Files } from '../core/ports/files.ts'
import type { GoldenQuestions } from '../core/ports/golden-questions.ts'
import type { Metrics, MetricsPage } from '../core/ports/metrics.ts'
import type { IdempotencyKeys } from '../core/ports/idempotency-keys.ts'
import type { Jobs } from '../core/ports/jobs.ts'
import type { TenantJobs } from '../core/ports/queue.ts'
import type { Signals } from '../core/ports/signals.ts'
import type { Spool } from '../core/ports/spool.ts'
import type { TenantErasures } from '../core/ports/tenant-erasures.ts'
import type { TenantStorage } from '../core/ports/tenant-storage.ts'
import type { Tenants } from '../core/ports/tenants.ts'
import type { UsageLedger } from '../core/ports/usage-ledger.ts'
import type { VectorStores } from '../core/ports/vector-stores.ts'
import type { Principal } from '../core/principal.ts'
import type { SourceKind } from '../core/ports/source-kind.ts'
import type { Sources, SourceSyncs } from '../core/ports/sources.ts'
import type { SourceDesk } from '../ingest/sync/source-desk.ts'
import type { SteerJobs } from '../ingest/steer-jobs.ts'
import type { ChangeChunk } from '../ingest/change-chunk.ts'
import type { RateLimiter } from '../limits/rate-limiter.ts'
import type { StreamCap } from '../limits/stream-cap.ts'
import type { Submission } from '../core/submission.ts'
import type { Spending } from '../limits/spending.ts'
import type { Tiers } from '../tenancy/effective-limits.ts'
import type { EraseTenants } from '../tenancy/erase-tenants.ts'
import type { ExportTenant } from '../tenancy/export/export-tenant.ts'
import type { TenantDirectory } from '../tenancy/tenant-directory.ts'
import type { PressureLimits } from './shed-load.ts'
import type { UserBudgetDirectory } from '../tenancy/user-budget-directory.ts'
import type { HttpAudit } from './http-audit.ts'
import type { HttpEmbeddings } from './http-embeddings.ts'
import type { CheckHealth } from './health-report.ts'

export interface HttpSettings {
  /** Until a request must be here whole, and its headers; how often that is looked at. */
  readonly requestTimeoutMs?: number
  readonly headersTimeoutMs?: number
  readonly connectionsCheckMs?: number
  /** Beyond them connections are closed at once. */
  readonly maxConnections?: number
  readonly pressure: PressureLimits
  /** Of pages that browsers may call from, exact or with `*` for one label of the host. */
  readonly allowedOrigins?: readonly string[]
  /** Largest request body that is not an upload. */
  readonly bodyLimitBytes: number
  /** Largest uploaded file. */
  readonly fileLimitBytes: number
  /** The registry's name of the model that answers when none is named. */
  readonly defaultModel: string
  /** Of a tenant for which none is named. */
  readonly defaultTier: string
  /** Earlier responses that a conversation is read back through. */
  readonly historyResponses?: number
  /** How long calls under way may go on once the application is closed. */
  readonly shutdownGraceMs: number
  /** Addresses and networks whose word on where a request came from is taken. */
  readonly trustedProxies?: readonly string[]
  /** Besides keys of operators, opens `/metrics`. */
  readonly metricsToken?: string | null
  /** Between two signs of life of a response in the background. */
  readonly backgroundBeatMs?: number
  /** How many of them this process works on at once. */
  readonly backgroundResponses?: number
  /** Between two comments on a silent stream. */
  readonly keepAliveMs?: number
}

export interface HttpDeps {
  readonly database: LimitableDatabase
  readonly files: Files
  readonly vectorStores: VectorStores
  readonly documents: Documents
  readonly chunks: Chunks
  readonly changeChunk: ChangeChunk
  readonly blobs: BlobStore
  readonly blobChecks: BlobChecks
  /** Null where files are not encrypted. */
  readonly dataKeys: DataKeys | null
  /** Where uploads wait until they are whole. */
  readonly spool: Spool
  readonly answers: Answers
  readonly conversations: Conversations
  readonly fileBatches: FileBatches
  readonly goldenQuestions: Pick<GoldenQuestions, 'delete' | 'list' | 'put'>
  readonly idempotencyKeys: IdempotencyKeys
  readonly apiKeys: ApiKeys
  readonly keyDirectory: KeyDirectory
  readonly signingSecretsOf: SigningSecretsOf
  readonly submission: Submission
  readonly search: Search
  readonly answer: Answer
  readonly authenticate: Authenticate
  readonly tenantDirectory: TenantDirectory
  readonly userBudgetDirectory: UserBudgetDirectory
  readonly userBudgets: UserBudgets
  readonly budgets: Pick<Budgets, 'states'>
  readonly usageLedger: Pick<UsageLedger, 'report'>
  readonly spending: Spending
  /** For the operator's report alone. */
  readonly listTenantIds: () => Promise<readonly string[]>
  readonly auditLog: AuditLog
  readonly people: PeopleServices
  readonly tenants: Tenants
  readonly tenantStorage: TenantStorage
  readonly tenantJobs: TenantJobs
  readonly jobs: Jobs
  readonly steerJobs: SteerJobs
  readonly signals: Pick<Signals, 'listen'>
  readonly sources: Pick<Sources, 'get' | 'list'>
  readonly sourceSyncs: Pick<SourceSyncs, 'get' | 'list' | 'newest' | 'notes'>
  /** By their names. */
  readonly sourceKinds: ReadonlyMap<string, SourceKind>
  readonly sourceDesk: SourceDesk
  readonly tenantErasures: TenantErasures
  readonly eraseTenants: EraseTenants
  readonly exportTenant: ExportTenant
  readonly audit: HttpAudit
  /** By the name of the tier. */
  readonly tiers: Tiers
  readonly models: readonly ModelInfo[]
  /** Those that the configuration names and that could be had, the default first. */
  readonly embeddingModels: readonly EmbeddingModel[]
  readonly embeddings: HttpEmbeddings
  readonly health: CheckHealth
  readonly rateLimiter: RateLimiter
  readonly streamCap: StreamCap
  readonly metrics: Metrics & MetricsPage
  readonly logger: FastifyBaseLogger
  readonly settings: HttpSettings
  readonly version: string
  /**
   * Who every caller is: for an application that listens on the Unix socket in the data directory.
   * Such an application refuses whoever reaches it over TCP.
   */
  readonly principal?: Principal
}
