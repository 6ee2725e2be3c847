/** `planned` waits for its table; from `cut_over` on the new space serves; the last two are over. */
export type MigrationStatus =
  | 'building'
  | 'cancelled'
  | 'cut_over'
  | 'old_dropped'
  | 'planned'
  | 'ready'
  | 'rolled_back'

/** From one embedding model to another: see docs/operations/re-embedding.md. */
export interface EmbeddingMigration {
  readonly id: string
  /** Null where search was by words alone. */
  readonly fromSpace: string | null
  readonly fromModel: string | null
  readonly toSpace: string
  readonly toModel: string
  readonly toDimensions: number
  readonly status: MigrationStatus
  /** Whether everything goes into the old space too. */
  readonly keepsOld: boolean
  /** Chunks a second over all tenants; null is without limit. */
  readonly rate: number | null
  /** Why it does not go on by itself. */
  readonly problem: string | null
  readonly createdAt: Date
  readonly buildingAt: Date | null
  readonly readyAt: Date | null
  readonly cutOverAt: Date | null
  readonly endedAt: Date | null
}

/** Enabled chunks of all tenants, and what one space has of them. */
export interface EmbeddingCoverage {
  /** That have chunks. */
  readonly tenants: number
  readonly chunks: number
  /** Of the chunks, as they were counted when they were cut. */
  readonly tokens: number
  /** Null where the space has no table yet. */
  readonly vectors: number | null
}
