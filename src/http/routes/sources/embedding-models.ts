import { modelNamed, type ModelInfo } from '../../../core/model.ts'
import { writtenModels } from '../../../core/written-models.ts'
import type { RouteDeps } from '../../route-deps.ts'

/** What is known of a model that embeds what is taken in; its price is null where it is not known either. */
export type EmbeddingModelInfo = Pick<ModelInfo, 'name' | 'ownedBy' | 'price'>

/** That which serves first; while a migration is open, both that are written. */
export function embeddingModelsOf({
  embeddings,
  models,
}: {
  readonly embeddings: Pick<RouteDeps['embeddings'], 'known'>
  readonly models: RouteDeps['models']
}): readonly EmbeddingModelInfo[] {
  return writtenModels(embeddings.known()).map(
    (name) => modelNamed(models, name) ?? { name, ownedBy: '', price: null },
  )
}
