import type { RankedChunk } from '../../core/answer.ts'
import type { Choice } from '../choice.ts'
import { cosine } from '../cosine.ts'
import { contentTermsOf, jaccard } from '../words.ts'

/**
 * Maximal marginal relevance (Carbonell and Goldstein 1998): takes, again and again, the chunk with the highest
 * lambda · score − (1 − lambda) · likeness to what is already taken. Likeness is the cosine of the stored
 * vectors, or the overlap of words where a store has none.
 */
export function diversify<Chunk extends RankedChunk>(
  chunks: readonly Chunk[],
  options: { readonly lambda: number; readonly limit: number },
): Choice<Chunk> {
  const likeness = createLikeness()
  const kept: Chunk[] = []
  const waiting = chunks.map((chunk) => ({ chunk, nearest: 0 }))
  while (kept.length < options.limit) {
    const place = indexOfBest(waiting.map((entry) => margin(entry, options.lambda)))
    const [best] = waiting.splice(place, 1)
    if (best === undefined) break
    kept.push(best.chunk)
    for (const entry of waiting) {
      entry.nearest = Math.max(entry.nearest, likeness(entry.chunk, best.chunk))
    }
  }
  const dropped = waiting.map(({ chunk }) => ({
    chunkId: chunk.chunkId,
    reason: `not among the ${options.limit} chosen for relevance and variety`,
  }))
  return { kept, dropped }
}

function margin(
  entry: { readonly chunk: RankedChunk; readonly nearest: number },
  lambda: number,
): number {
  return lambda * entry.chunk.score - (1 - lambda) * entry.nearest
}

/** Of equals the first, so that the fused order decides. */
function indexOfBest(values: readonly number[]): number {
  let best = 0
  values.forEach((value, place) => {
    if (value > (values[best] ?? 0)) best = place
  })
  return best
}

function createLikeness(): (left: RankedChunk, right: RankedChunk) => number {
  const terms = new Map<string, ReadonlySet<string>>()
  const termsOf = (chunk: RankedChunk) => {
    const known = terms.get(chunk.chunkId) ?? new Set(contentTermsOf(chunk.text))
    terms.set(chunk.chunkId, known)
    return known
  }
  return (left, right) => {
    if (left.vector !== null && right.vector !== null) return cosine(left.vector, right.vector)
    return jaccard(termsOf(left), termsOf(right))
  }
}
