import type { EmbeddingMigration, MigrationStatus } from '../core/embedding-migration.ts'

export const MIGRATION_COLUMNS = `id, from_space, from_model, to_space, to_model, to_dimensions, status, keeps_old, rate, problem,
  created_at, building_at, ready_at, cut_over_at, ended_at`

export const IS_OPEN = `status not in ('old_dropped', 'cancelled')`

/** One row, or none where nothing has served yet. */
export const SERVING_SPACE =
  'select name, model from embedding_serving join embedding_spaces on name = space'

export interface ServingSpace {
  readonly name: string
  readonly model: string
}

export interface MigrationRow {
  readonly id: string
  readonly from_space: string | null
  readonly from_model: string | null
  readonly to_space: string
  readonly to_model: string
  readonly to_dimensions: number
  readonly status: MigrationStatus
  readonly keeps_old: boolean
  readonly rate: number | null
  readonly problem: string | null
  readonly created_at: Date
  readonly building_at: Date | null
  readonly ready_at: Date | null
  readonly cut_over_at: Date | null
  readonly ended_at: Date | null
}

export function toMigration(row: MigrationRow): EmbeddingMigration {
  return {
    id: row.id,
    fromSpace: row.from_space,
    fromModel: row.from_model,
    toSpace: row.to_space,
    toModel: row.to_model,
    toDimensions: row.to_dimensions,
    status: row.status,
    keepsOld: row.keeps_old,
    rate: row.rate,
    problem: row.problem,
    createdAt: row.created_at,
    buildingAt: row.building_at,
    readyAt: row.ready_at,
    cutOverAt: row.cut_over_at,
    endedAt: row.ended_at,
  }
}
