import type { EmbeddingModel } from './embedding-model.ts'

/** A model whose vectors everything that is indexed now must have. */
export interface WriteModel {
  readonly embedder: EmbeddingModel
  /** Whether questions are asked by it; else it is a migration's, and nobody's budget is charged. */
  readonly serves: boolean
}

/** As the database has it this moment; none keeps words alone. Throws `provider_unavailable` where this process lacks one. */
export type WriteModels = () => Promise<readonly WriteModel[]>
