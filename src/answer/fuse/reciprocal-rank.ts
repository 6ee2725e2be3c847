import type { Candidate, RankedChunk } from '../../core/answer.ts'

export interface Fusion {
  readonly k: number
  /** Zero leaves a search out: what it alone found is not there. */
  readonly denseWeight: number
  readonly lexicalWeight: number
}

/** A candidate with its 1-based places in the two searches; null where one did not find it. */
export interface FusedChunk extends RankedChunk {
  readonly denseRank: number | null
  readonly lexicalRank: number | null
}

/**
 * Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): the sum of weight / (k + rank) over the searches,
 * divided by what the first place in every search that found anything would give. Best first; equals are
 * ordered by similarity, then by place in the documents, so that the order of the input does not matter.
 */
export function fuse(candidates: readonly Candidate[], fusion: Fusion): FusedChunk[] {
  const dense = ranksBy(candidates, fusion.denseWeight, ({ similarity }) => similarity)
  const lexical = ranksBy(candidates, fusion.lexicalWeight, ({ bm25 }) => bm25)
  const best =
    (dense.size > 0 ? fusion.denseWeight : 0) / (fusion.k + 1) +
    (lexical.size > 0 ? fusion.lexicalWeight : 0) / (fusion.k + 1)

  return candidates
    .map((candidate) => {
      const denseRank = dense.get(candidate.chunkId) ?? null
      const lexicalRank = lexical.get(candidate.chunkId) ?? null
      const sum =
        (denseRank === null ? 0 : fusion.denseWeight / (fusion.k + denseRank)) +
        (lexicalRank === null ? 0 : fusion.lexicalWeight / (fusion.k + lexicalRank))
      return { ...candidate, denseRank, lexicalRank, score: best === 0 ? 0 : sum / best }
    })
    .filter(({ denseRank, lexicalRank }) => denseRank !== null || lexicalRank !== null)
    .sort((left, right) => right.score - left.score || inOrder(left, right))
}

function ranksBy(
  candidates: readonly Candidate[],
  weight: number,
  scoreOf: (candidate: Candidate) => number | null,
): ReadonlyMap<string, number> {
  if (weight <= 0) return new Map()
  const found = candidates
    .filter((candidate) => scoreOf(candidate) !== null)
    .sort((left, right) => (scoreOf(right) ?? 0) - (scoreOf(left) ?? 0) || inOrder(left, right))
  return new Map(found.map(({ chunkId }, place) => [chunkId, place + 1]))
}

function inOrder(left: Candidate, right: Candidate): number {
  return (
    (right.similarity ?? -1) - (left.similarity ?? -1) ||
    compare(left.fileId, right.fileId) ||
    left.ordinal - right.ordinal ||
    compare(left.chunkId, right.chunkId)
  )
}

function compare(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
