import type { EmbeddingCoverage, EmbeddingMigration } from '../embedding-migration.ts'
import type { EmbeddingSpace } from '../embedding-space.ts'
import type { Transaction } from './database.ts'

/** Which models have vectors here, and which one searches go by. */
export interface SpaceState {
  readonly spaces: readonly EmbeddingSpace[]
  /** Null before the first start with a model. */
  readonly serving: EmbeddingSpace | null
  /** The one that is open, or the last one that was. */
  readonly migration: EmbeddingMigration | null
  /** Whether there are vectors to be taken away. */
  readonly isUntidy: boolean
}

export interface NewMigration {
  readonly id: string
  readonly model: string
  readonly dimensions: number
  /** Whether the model that serves is to be had. */
  readonly keepsOld: boolean
  readonly rate: number | null
}

/** What operators do. Each throws `conflict` with what to do instead where the state does not allow it. */
export interface MigrationDesk {
  readonly begin: (transaction: Transaction, migration: NewMigration) => Promise<EmbeddingMigration>
  /** The new space serves. Refused unless every enabled chunk of every tenant has its vector in it. */
  readonly cutOver: (transaction: Transaction) => Promise<EmbeddingMigration>
  /** The old space serves again; both go on being written. Refused where the old one has gaps. */
  readonly rollBack: (transaction: Transaction) => Promise<EmbeddingMigration>
  /** The old space is written no longer, and is taken away. */
  readonly dropOld: (transaction: Transaction) => Promise<EmbeddingMigration>
  /** The new space is written no longer, and is taken away; where it served, the old one serves first. */
  readonly cancel: (transaction: Transaction) => Promise<EmbeddingMigration>
}

/** What goes on by itself. As the owner of the schema. */
export interface MigrationWork {
  state(): Promise<SpaceState>
  readonly coverage: (space: string) => Promise<EmbeddingCoverage>
  /** The open migration, kept from other overseers for so long; null where there is none or somebody has it. */
  lease(overseer: string, seconds: number): Promise<EmbeddingMigration | null>
  /** From planned to building: makes the table. False where others held what it needs; to be tried again. */
  build(migration: EmbeddingMigration): Promise<boolean>
  /** Tenants with chunks that have no vector in the space. */
  gaps(space: string): Promise<readonly string[]>
  /** From building to ready. False where a chunk still lacks its vector. */
  finish(migration: EmbeddingMigration): Promise<boolean>
  setProblem(id: string, problem: string | null): Promise<void>
  /** Takes away tables of vectors that nobody needs. False where others held what it needs; to be tried again. */
  dropDoomed(): Promise<boolean>
  /** Bytes that a vector of the space takes with its part of the indexes; null where it holds too few to tell. */
  bytesPerVector(space: string): Promise<number | null>
}

/** The vectors that a space lacks, of the transaction's tenant. */
export interface MissingVectors {
  /** In the order of their ids, behind the one that is named. */
  next(
    transaction: Transaction,
    of: { readonly space: string; readonly behind: string | null; readonly limit: number },
  ): Promise<readonly MissingVector[]>
  /** Writes those whose chunks are still there. Null where the space is written no longer. */
  fill(
    transaction: Transaction,
    of: {
      readonly space: string
      readonly ids: readonly string[]
      readonly vectors: readonly Float32Array[]
    },
  ): Promise<number | null>
  /** So many chunks of the tenant, at most. */
  sample(transaction: Transaction, limit: number): Promise<readonly SampleChunk[]>
  /** The space that is being built, and how long until so many chunks may be embedded; 0 takes them at once. */
  turn(transaction: Transaction, chunks: number): Promise<BuildingTurn | null>
}

/** A chunk as far as it matters for embedding. */
export interface SampleChunk {
  readonly context: string
  readonly text: string
  readonly tokens: number
}

export interface MissingVector {
  /** Of the chunk. */
  readonly id: string
  readonly context: string
  readonly text: string
}

export interface BuildingTurn {
  readonly migrationId: string
  readonly space: string
  readonly model: string
  readonly waitMs: number
}
