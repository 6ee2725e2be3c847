/** Graded relevance of the documents that matter to one question; what is not listed counts 0. */
export type Judgements = ReadonlyMap<string, number>

/** Found among the first `k`, over all that are relevant; in [0, 1]. */
export function recallAt(k: number, ranking: readonly string[], judgements: Judgements): number {
  const relevant = relevantIds(judgements)
  if (relevant.size === 0) return 0
  return ranking.slice(0, k).filter((id) => relevant.has(id)).length / relevant.size
}

/** Relevant among the first `k`, over `k`; in [0, 1]. */
export function precisionAt(k: number, ranking: readonly string[], judgements: Judgements): number {
  const relevant = relevantIds(judgements)
  return ranking.slice(0, k).filter((id) => relevant.has(id)).length / k
}

/** One over the rank of the first relevant document, 0 when none was found. */
export function reciprocalRank(ranking: readonly string[], judgements: Judgements): number {
  const relevant = relevantIds(judgements)
  const first = ranking.findIndex((id) => relevant.has(id))
  return first === -1 ? 0 : 1 / (first + 1)
}

/**
 * Normalised discounted cumulative gain at `k` with linear gains, as trec_eval computes it
 * (Järvelin and Kekäläinen 2002): sum of gain / log2(rank + 1), over that of the ideal order.
 */
export function ndcgAt(k: number, ranking: readonly string[], judgements: Judgements): number {
  const gains = ranking.slice(0, k).map((id) => judgements.get(id) ?? 0)
  const ideal = [...judgements.values()].sort((left, right) => right - left).slice(0, k)
  const best = discounted(ideal)
  return best === 0 ? 0 : discounted(gains) / best
}

function discounted(gains: readonly number[]): number {
  return gains.reduce((sum, gain, position) => sum + gain / Math.log2(position + 2), 0)
}

function relevantIds(judgements: Judgements): ReadonlySet<string> {
  return new Set([...judgements].filter(([, gain]) => gain > 0).map(([id]) => id))
}
