import { diversify } from '../src/answer/diversify/marginal-relevance.ts'
import { dropNearDuplicates } from '../src/answer/diversify/near-duplicates.ts'
import { fuse, type Fusion } from '../src/answer/fuse/reciprocal-rank.ts'
import { DEFAULT_RETRIEVAL_SETTINGS } from '../src/answer/settings.ts'
import type { Candidate } from '../src/core/answer.ts'
import { ndcgAt, recallAt, reciprocalRank, type Judgements } from '../src/eval/ranking-metrics.ts'

const { candidates, fusionK: k, denseWeight, lexicalWeight, mmrLambda } = DEFAULT_RETRIEVAL_SETTINGS
const LIMIT = 100
const hybrid = { k, denseWeight, lexicalWeight }

interface Way {
  readonly fusion: Fusion
  /** Of each search. */
  readonly candidates: number
  readonly lambda?: number
}

export const WAYS: Readonly<Record<string, Way>> = {
  bm25: { fusion: { k, denseWeight: 0, lexicalWeight: 1 }, candidates: LIMIT },
  dense: { fusion: { k, denseWeight: 1, lexicalWeight: 0 }, candidates: LIMIT },
  hybrid: { fusion: hybrid, candidates },
  'hybrid, a hundred candidates': { fusion: hybrid, candidates: LIMIT },
  'hybrid + MMR': { fusion: hybrid, candidates, lambda: mmrLambda },
}

export interface WayScores {
  readonly ndcg10: number
  readonly recall5: number
  readonly recall10: number
  readonly recall100: number
  readonly mrr: number
}

/** The product's own stages after retrieval, on what both searches gave for one question. */
export function scoreWay(
  way: Way,
  found: readonly Candidate[],
  question: { readonly judgements: Judgements; readonly documentOf: (fileId: string) => string },
): WayScores {
  const { nearDuplicateThreshold: threshold } = DEFAULT_RETRIEVAL_SETTINGS
  const fused = fuse(found, way.fusion)
  const distinct = dropNearDuplicates(fused, { threshold, limit: LIMIT }).kept
  const chosen =
    way.lambda === undefined
      ? distinct
      : diversify(distinct, { lambda: way.lambda, limit: LIMIT }).kept
  const ranking = [...new Set(chosen.map(({ fileId }) => question.documentOf(fileId)))]
  return {
    ndcg10: ndcgAt(10, ranking, question.judgements),
    recall5: recallAt(5, ranking, question.judgements),
    recall10: recallAt(10, ranking, question.judgements),
    recall100: recallAt(100, ranking, question.judgements),
    mrr: reciprocalRank(ranking, question.judgements),
  }
}

export function meanOf(scores: readonly WayScores[]): WayScores {
  const mean = (key: keyof WayScores) =>
    scores.reduce((sum, score) => sum + score[key], 0) / scores.length
  return {
    ndcg10: mean('ndcg10'),
    recall5: mean('recall5'),
    recall10: mean('recall10'),
    recall100: mean('recall100'),
    mrr: mean('mrr'),
  }
}
