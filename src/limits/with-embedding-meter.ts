import type { EmbeddingModel } from '../core/ports/embedding-model.ts'
import type { Reading } from './reading.ts'

export function withEmbeddingMeter(model: EmbeddingModel, begin: () => Reading): EmbeddingModel {
  return {
    id: model.id,
    dimensions: model.dimensions,
    maxTokens: model.maxTokens,
    async embed(texts, options) {
      options.signal?.throwIfAborted()
      const reading = begin()
      reading.read(texts)
      try {
        return await model.embed(texts, {
          ...options,
          onUsage(usage) {
            reading.told(usage)
            options.onUsage?.(usage)
          },
        })
      } catch (error) {
        if (options.signal?.aborted !== true) reading.failed()
        throw error
      } finally {
        reading.ended()
      }
    },
  }
}
