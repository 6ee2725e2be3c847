import type { EmbeddingCoverage, EmbeddingMigration } from '../core/embedding-migration.ts'
import { createId } from '../core/id.ts'
import type { Database, Transaction } from '../core/ports/database.ts'
import type {
  MigrationDesk,
  MigrationWork,
  SpaceState,
} from '../core/ports/embedding-migrations.ts'
import type { EmbeddingSpaces } from '../core/ports/embedding-spaces.ts'
import type { Signals } from '../core/ports/signals.ts'
import { writesBoth } from '../core/written-models.ts'

export interface EmbeddingsDeps {
  readonly database: Database
  readonly desk: MigrationDesk
  readonly work: Pick<MigrationWork, 'coverage'>
  readonly spaces: EmbeddingSpaces
  readonly signals: Pick<Signals, 'announce'>
}

export interface EmbeddingStatus {
  readonly state: SpaceState
  /** Ids of the models that this process has. */
  readonly models: readonly string[]
  readonly progress: MigrationProgress | null
}

/** Of an open migration whose space is there. */
export interface MigrationProgress {
  readonly chunks: number
  readonly done: number
  readonly chunksPerSecond: number | null
  readonly secondsLeft: number | null
}

/** What operators do about embedding models; each as part of a deed of their tenant. Throws `conflict`, `model_not_found`. */
export interface Embeddings {
  /** As this process last heard: no question to the database. */
  readonly known: () => SpaceState
  status(): Promise<EmbeddingStatus>
  begin(
    tenantId: string,
    wanted: { readonly model: string; readonly rate: number | null },
  ): Promise<EmbeddingMigration>
  cutOver(tenantId: string): Promise<EmbeddingMigration>
  rollBack(tenantId: string): Promise<EmbeddingMigration>
  dropOld(tenantId: string): Promise<EmbeddingMigration>
  cancel(tenantId: string): Promise<EmbeddingMigration>
}

/** Counting goes through all chunks: whoever looks often is shown the same numbers for so long. */
const COUNTED_FOR_MS = 1_000

export function createEmbeddings(deps: EmbeddingsDeps): Embeddings {
  const { database, desk, spaces, signals } = deps
  const coverageOf = remembered(deps.work.coverage)

  const change = async (
    tenantId: string,
    work: (transaction: Transaction) => Promise<EmbeddingMigration>,
  ): Promise<EmbeddingMigration> => {
    const migration = await database.transact(tenantId, async (transaction) => {
      const changed = await work(transaction)
      signals.announce(transaction, { type: 'embedding-changed' })
      return changed
    })
    await spaces.refresh()
    return migration
  }

  return {
    known: spaces.known,

    async status() {
      const state = await spaces.refresh()
      const { migration } = state
      return {
        state,
        models: spaces.models.map(({ id }) => id),
        progress:
          migration === null || !writesBoth(migration)
            ? null
            : progressOf(migration, await coverageOf(migration)),
      }
    },

    begin(tenantId, { model, rate }) {
      const { id, dimensions } = spaces.modelNamed(model)
      const migration = { model: id, dimensions, rate, keepsOld: spaces.serving() !== null }
      return change(tenantId, (transaction) =>
        desk.begin(transaction, { id: createId('emig_'), ...migration }),
      )
    },
    cutOver: (tenantId) => change(tenantId, desk.cutOver),
    rollBack: (tenantId) => change(tenantId, desk.rollBack),
    dropOld: (tenantId) => change(tenantId, desk.dropOld),
    cancel: (tenantId) => change(tenantId, desk.cancel),
  }
}

/** For a moment, as long as nothing has changed: what is ready must not be told as it was while it was built. */
function remembered(
  count: MigrationWork['coverage'],
): (migration: EmbeddingMigration) => Promise<EmbeddingCoverage> {
  let last: {
    readonly of: string
    readonly at: number
    readonly counted: Promise<EmbeddingCoverage>
  } | null = null
  return ({ toSpace, status }) => {
    const of = `${status} ${toSpace}`
    if (last?.of !== of || performance.now() - last.at > COUNTED_FOR_MS)
      last = { of, at: performance.now(), counted: count(toSpace) }
    return last.counted
  }
}

function progressOf(
  { status, buildingAt }: EmbeddingMigration,
  { chunks, vectors }: EmbeddingCoverage,
): MigrationProgress {
  const done = vectors ?? 0
  const seconds = buildingAt === null ? 0 : (Date.now() - buildingAt.getTime()) / 1000
  const pace = status === 'building' && seconds > 0 && done > 0 ? done / seconds : null
  return {
    chunks,
    done,
    chunksPerSecond: pace,
    secondsLeft: pace === null ? null : Math.max(0, chunks - done) / pace,
  }
}
