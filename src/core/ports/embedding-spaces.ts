import type { EmbeddingModel } from './embedding-model.ts'
import type { SpaceState } from './embedding-migrations.ts'
import type { WriteModels } from './write-models.ts'

/** What this process knows of the embedding spaces, and the models that it has for them. */
export interface EmbeddingSpaces {
  /** As it was last heard of. */
  readonly known: () => SpaceState
  /** As it is. */
  readonly refresh: () => Promise<SpaceState>
  /** The model whose space serves; null where search is by words alone. */
  readonly serving: () => EmbeddingModel | null
  /** Why it is by words alone; null where it is not. */
  readonly why: () => string | null
  readonly spaceOf: (model: string) => string | null
  readonly writeModels: WriteModels
  /** By its id, or by what the configuration calls it. Throws `model_not_found` with those there are. */
  readonly modelNamed: (name: string) => EmbeddingModel
  readonly models: readonly EmbeddingModel[]
}
