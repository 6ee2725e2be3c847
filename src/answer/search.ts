import type { Search } from '../core/ask.ts'
import { unlessAborted } from './cancellable.ts'
import { diversify } from './diversify/marginal-relevance.ts'
import { dropNearDuplicates } from './diversify/near-duplicates.ts'
import { fuse } from './fuse/reciprocal-rank.ts'
import { checkQuestion } from './guard/check-question.ts'
import { retrieve, type RetrieveDeps } from './retrieve/retrieve.ts'
import type { RetrievalSettings } from './settings.ts'

export interface SearchDeps extends RetrieveDeps {
  readonly settings: RetrievalSettings
}

// Variety is looked for among so many times the chunks that are wanted: what comes later is not relevant enough.
const POOL = 6

/** guard → retrieve → fuse → near-duplicates → MMR where it is asked for: relevance alone orders the result otherwise. */
export function createSearch(deps: SearchDeps): Search {
  const { settings } = deps
  return async (request, signal) => {
    const { maxQuestionCharacters } = settings
    const text = checkQuestion(request.text, { maxQuestionCharacters, param: 'query' })
    const denseWeight = request.weights?.dense ?? settings.denseWeight
    const lexicalWeight = request.weights?.lexical ?? settings.lexicalWeight

    const { candidates } = await unlessAborted(
      retrieve(
        deps,
        {
          tenantId: request.tenantId,
          vectorStoreIds: request.vectorStoreIds,
          filter: request.filter,
          text,
          dense: denseWeight > 0,
          candidates: Math.max(settings.candidates, request.limit),
        },
        signal,
      ),
      signal,
    )
    const fused = fuse(candidates, { k: settings.fusionK, denseWeight, lexicalWeight })
    const good = fused.filter(({ score }) => score >= request.scoreThreshold)
    const threshold = settings.nearDuplicateThreshold
    const { limit, mmrLambda: lambda } = request
    if (lambda === undefined) return dropNearDuplicates(good, { threshold, limit }).kept
    const distinct = dropNearDuplicates(good, { threshold, limit: limit * POOL }).kept
    return diversify(distinct, { lambda, limit }).kept
  }
}
