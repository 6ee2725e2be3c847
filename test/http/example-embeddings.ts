import type { Database } from '../../src/core/ports/database.ts'
import type { SpaceState } from '../../src/core/ports/embedding-migrations.ts'
import type { EmbeddingSpaces } from '../../src/core/ports/embedding-spaces.ts'
import type { Signals } from '../../src/core/ports/signals.ts'
import { AppError } from '../../src/core/errors.ts'
import { createCompareSpaces } from '../../src/eval/compare-spaces.ts'
import type { HttpDeps } from '../../src/http/http-deps.ts'
import type { HttpEmbeddings } from '../../src/http/http-embeddings.ts'
import { createEmbeddings } from '../../src/ingest/embeddings.ts'
import { createEstimateMigration } from '../../src/ingest/estimate-migration.ts'
import type { Backend } from '../../src/storage/backend.ts'
import { createGoldenQuestions } from '../../src/storage/golden-questions.ts'
import { createMigrationDesk } from '../../src/storage/migration-desk.ts'
import { createMigrationWork } from '../../src/storage/migration-work.ts'
import { createMissingVectors } from '../../src/storage/missing-vectors.ts'
import { createRecentQuestions } from '../../src/storage/recent-questions.ts'
import { createTenants } from '../../src/storage/tenants.ts'
import { createFakeEmbedder } from '../fake-embedder.ts'
import { createFreeSpending } from '../free-spending.ts'
import { EXAMPLE_MODELS } from './example-models.ts'

/** Of a process that has two models, and keeps what it last heard. */
export function exampleSpaces({ pool }: Backend): EmbeddingSpaces {
  const work = createMigrationWork(pool)
  const models = [
    createFakeEmbedder({ id: 'bag-of-words' }),
    createFakeEmbedder({ id: 'bag-of-more-words', dimensions: 64 }),
  ]
  let state: SpaceState = { spaces: [], serving: null, migration: null, isUntidy: false }
  return {
    models,
    known: () => state,
    refresh: async () => (state = await work.state()),
    serving: () => models.find(({ id }) => id === state.serving?.model) ?? null,
    why: () => null,
    spaceOf: (model) => state.spaces.find((space) => space.model === model)?.name ?? null,
    writeModels: async () => [],
    modelNamed(name) {
      const found = models.find(({ id }) => id === name)
      if (found === undefined)
        throw new AppError('model_not_found', `There is no ${name}.`, { param: 'model' })
      return found
    },
  }
}

/** On real storage; whoever uses it moves a migration on by himself. */
export function exampleEmbeddings({
  backend,
  search,
  ...deps
}: {
  readonly backend: Backend
  readonly database: Database
  readonly signals: Pick<Signals, 'announce'>
  readonly spaces: EmbeddingSpaces
  readonly search: HttpDeps['search']
}): HttpEmbeddings {
  const work = createMigrationWork(backend.pool)
  return {
    ...createEmbeddings({ ...deps, work, desk: createMigrationDesk() }),
    estimate: createEstimateMigration({
      ...deps,
      ...createFreeSpending(),
      work,
      missing: createMissingVectors(),
      models: EXAMPLE_MODELS,
      listTenantIds: async () => (await createTenants(backend.pool).list()).map(({ id }) => id),
    }),
    compare: createCompareSpaces({
      ...deps,
      searchBy: () => search,
      goldenQuestions: createGoldenQuestions(),
      recentQuestions: createRecentQuestions(),
    }),
  }
}
