import type { Static } from 'typebox'
import type { rankingOptions } from '../../contract/search.ts'
import type { Question } from '../../core/question.ts'
import { invalidValue } from '../request-error.ts'

type Ranking = Pick<Question, 'mmrLambda' | 'scoreThreshold' | 'weights'>

/** How what is found is to be ranked, as far as it was said. `param` is where. */
export function readRanking(
  options: Static<typeof rankingOptions> | null | undefined,
  param: string,
): Ranking {
  const { score_threshold, hybrid_search: hybrid, mmr_lambda } = options ?? {}
  if (hybrid?.embedding_weight === 0 && hybrid.text_weight === 0) {
    throw invalidValue(`${param}.hybrid_search`, 'One of the two weights must be above zero.')
  }
  return {
    ...(score_threshold === undefined ? {} : { scoreThreshold: score_threshold }),
    ...(mmr_lambda === undefined ? {} : { mmrLambda: mmr_lambda }),
    ...(hybrid === undefined
      ? {}
      : { weights: { dense: hybrid.embedding_weight, lexical: hybrid.text_weight } }),
  }
}
