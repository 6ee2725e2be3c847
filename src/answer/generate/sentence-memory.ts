import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { EmbeddingModel } from '../../core/ports/embedding-model.ts'

/** Vectors of sentences that were embedded for an answer: the next answers come from much the same passages. */
export interface SentenceMemory {
  /** Embeds what it does not remember of that tenant. Tenants share nothing: how long it takes would tell. */
  within(model: EmbeddingModel, tenantId: string): Pick<EmbeddingModel, 'embed'>
}

/** Of a sentence that nobody came across any more. */
const KEPT_MS = 10 * 60_000
const NONE = new Float32Array()
/** Bytes of an entry beside its vector, about. */
const ENTRY = 200

export function createSentenceMemory({ maxBytes }: { readonly maxBytes: number }): SentenceMemory {
  const vectors = new LRUCache<string, Float32Array>({
    maxSize: maxBytes,
    sizeCalculation: (vector) => ENTRY + vector.byteLength,
    ttl: KEPT_MS,
    updateAgeOnGet: true,
  })

  return {
    within: (model, tenantId) => ({
      async embed(texts, options) {
        const keys = texts.map((text) => keyOf(model, tenantId, text))
        const found = new Map(keys.map((key) => [key, vectors.get(key)]))
        const missing = new Map(
          texts
            .map((text, place) => [keys[place] ?? '', text] as const)
            .filter(([key]) => found.get(key) === undefined),
        )
        const embedded = missing.size === 0 ? [] : await model.embed([...missing.values()], options)
        for (const [place, key] of [...missing.keys()].entries()) {
          // A copy: it may be a view of all that was embedded with it.
          const vector = embedded[place]?.slice()
          found.set(key, vector)
          vectors.set(key, vector)
        }
        return keys.map((key) => found.get(key) ?? NONE)
      },
    }),
  }
}

const keyOf = ({ id }: EmbeddingModel, tenantId: string, text: string) =>
  hash('sha256', `${id}\0${tenantId}\0${text}`, 'base64')
