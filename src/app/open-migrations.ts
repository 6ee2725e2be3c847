import type { Logger } from 'pino'
import { createCompareSpaces } from '../eval/compare-spaces.ts'
import type { Search } from '../core/ask.ts'
import type { ModelInfo } from '../core/model.ts'
import type { Database } from '../core/ports/database.ts'
import type { EmbeddingModel } from '../core/ports/embedding-model.ts'
import type { EmbeddingSpaces } from '../core/ports/embedding-spaces.ts'
import type { Jobs } from '../core/ports/jobs.ts'
import type { JobSender, ReEmbedJob } from '../core/ports/queue.ts'
import type { Signals } from '../core/ports/signals.ts'
import type { HttpEmbeddings } from '../http/http-embeddings.ts'
import { createEmbeddings } from '../ingest/embeddings.ts'
import { createEstimateMigration } from '../ingest/estimate-migration.ts'
import { createOversight } from '../ingest/oversee-migration.ts'
import { reEmbedChunks } from '../jobs/re-embed-chunks.ts'
import type { Spending } from '../limits/spending.ts'
import type { Backend } from '../storage/backend.ts'
import { createGoldenQuestions } from '../storage/golden-questions.ts'
import { createMigrationDesk } from '../storage/migration-desk.ts'
import { createMigrationWork } from '../storage/migration-work.ts'
import { createMissingVectors } from '../storage/missing-vectors.ts'
import { createRecentQuestions } from '../storage/recent-questions.ts'
import { createTenants } from '../storage/tenants.ts'
import { periodically } from './periodically.ts'

const EVERY_MS = 1_000

/** What operators do about embedding models, and what then goes on by itself in some process. */
export function openMigrations(of: {
  readonly backend: Backend
  readonly database: Database
  readonly spaces: EmbeddingSpaces
  readonly signals: Signals
  readonly searchBy: (embedder: EmbeddingModel | null) => Search
  readonly spending: Spending
  readonly models: readonly ModelInfo[]
  readonly jobs: Jobs
  readonly sender: JobSender<ReEmbedJob>
  readonly logger: Pick<Logger, 'error'>
}): { readonly embeddings: HttpEmbeddings; stop(): Promise<void> } {
  const { backend, spaces, logger, searchBy, ...deps } = of
  const work = createMigrationWork(backend.pool)
  const tenants = createTenants(backend.pool)
  const oversee = createOversight({ ...deps, work, kind: reEmbedChunks.name })
  const round = periodically(
    async () => {
      const { migration, isUntidy } = spaces.known()
      const isUnderWay = ['planned', 'building'].includes(migration?.status ?? '')
      if (!isUnderWay && !isUntidy) return
      await oversee()
      await spaces.refresh()
    },
    {
      everyMs: EVERY_MS,
      onError: (error) => logger.error({ error }, 'the embedding of documents anew does not go on'),
    },
  )
  return {
    embeddings: {
      ...createEmbeddings({ ...deps, spaces, work, desk: createMigrationDesk() }),
      estimate: createEstimateMigration({
        ...deps,
        spaces,
        work,
        missing: createMissingVectors(),
        listTenantIds: async () => (await tenants.list()).map(({ id }) => id),
      }),
      compare: createCompareSpaces({
        database: deps.database,
        spaces,
        searchBy,
        goldenQuestions: createGoldenQuestions(),
        recentQuestions: createRecentQuestions(),
      }),
    },
    stop: () => round.stop(),
  }
}
