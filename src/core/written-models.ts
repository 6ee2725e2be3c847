import type { EmbeddingMigration } from './embedding-migration.ts'
import type { SpaceState } from './ports/embedding-migrations.ts'

/** In which everything that is indexed goes into both spaces. */
const BOTH = ['building', 'ready', 'cut_over', 'rolled_back']

export function writesBoth({ status }: Pick<EmbeddingMigration, 'status'>): boolean {
  return BOTH.includes(status)
}

/**
 * Ids of the models by which everything that is indexed now is embedded: that whose space serves first, then those that a
 * migration counts on.
 */
export function writtenModels({
  serving,
  migration,
}: Pick<SpaceState, 'migration' | 'serving'>): readonly string[] {
  return [...new Set([...(serving === null ? [] : [serving.model]), ...countedOn({ migration })])]
}

/** Those without which a migration would lose vectors. */
export function countedOn({ migration }: Pick<SpaceState, 'migration'>): readonly string[] {
  if (migration === null || !writesBoth(migration)) return []
  const old = migration.keepsOld && migration.fromModel !== null ? [migration.fromModel] : []
  return [migration.toModel, ...old]
}
