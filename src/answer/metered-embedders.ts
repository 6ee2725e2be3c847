import type { EmbeddingModel } from '../core/ports/embedding-model.ts'
import type { Meter } from '../limits/meter.ts'
import type { RetrieveDeps } from './retrieve/retrieve.ts'

type Embedders = Pick<RetrieveDeps, 'embedder' | 'nextEmbedder'>

/** Whatever a question is embedded by is noted. */
export function meteredEmbedders({ embedder, nextEmbedder }: Embedders, meter: Meter): Embedders {
  const metered = (model: EmbeddingModel | null) =>
    model === null ? null : meter.embedding(model, 'embed_question')
  return {
    embedder: metered(embedder),
    ...(nextEmbedder === undefined
      ? {}
      : { nextEmbedder: async () => metered(await nextEmbedder()) }),
  }
}
