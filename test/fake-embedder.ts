import type { EmbeddingModel } from '../src/core/ports/embedding-model.ts'

export interface FakeEmbedder extends EmbeddingModel {
  /** Every text it was ever given, in order. */
  readonly texts: readonly string[]
}

/** A bag of words hashed into a few dimensions: texts that share words are near each other, always in the same way. */
export function createFakeEmbedder(
  options: { readonly id?: string; readonly dimensions?: number } = {},
): FakeEmbedder {
  const { id = 'fake/bag-of-words', dimensions = 32 } = options
  const texts: string[] = []
  return {
    id,
    dimensions,
    maxTokens: 512,
    texts,
    async embed(passages, { signal }) {
      signal?.throwIfAborted()
      texts.push(...passages)
      return passages.map((passage) => vectorOf(passage, dimensions))
    },
  }
}

function vectorOf(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions)
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ['']) {
    const place = hashOf(word) % dimensions
    vector[place] = (vector[place] ?? 0) + 1
  }
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}

/** FNV-1a. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < word.length; at++) {
    hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193) >>> 0
  }
  return hash
}
