import type { EmbeddedQuery } from '../core/answer.ts'
import type { Question } from '../core/question.ts'
import { unlessAborted } from './cancellable.ts'
import { diversify } from './diversify/marginal-relevance.ts'
import { dropNearDuplicates } from './diversify/near-duplicates.ts'
import { fuse, type FusedChunk } from './fuse/reciprocal-rank.ts'
import { judge } from './judge/answerability.ts'
import { pack } from './pack/pack.ts'
import type { Trail } from './record/trail.ts'
import { retrieve } from './retrieve/retrieve.ts'
import type { SearchDeps } from './search.ts'

// Variety is looked for among so many times the passages that are wanted: what comes later is not relevant enough.
const POOL = 6

export interface ChosenPassages {
  readonly passages: readonly FusedChunk[]
  readonly answerability: number
  readonly embedded: EmbeddedQuery | null
  readonly notices: readonly string[]
}

/** retrieve → fuse → near-duplicates → MMR → pack, and how likely an answer is in what was found. */
export async function choosePassages(
  deps: SearchDeps,
  asked: Pick<
    Question,
    | 'filter'
    | 'maxChunks'
    | 'mmrLambda'
    | 'scoreThreshold'
    | 'tenantId'
    | 'vectorStoreIds'
    | 'weights'
  > & { readonly query: string },
  { trail, signal }: { readonly trail: Trail; readonly signal: AbortSignal },
): Promise<ChosenPassages> {
  const { settings } = deps
  const { tenantId, vectorStoreIds, filter, query, scoreThreshold = 0 } = asked
  const { dense: denseWeight, lexical: lexicalWeight } = asked.weights ?? {
    dense: settings.denseWeight,
    lexical: settings.lexicalWeight,
  }
  const lambda = asked.mmrLambda ?? settings.mmrLambda
  const { candidates, model, vector, notices } = await trail.stage(
    'retrieve',
    () =>
      unlessAborted(
        retrieve(
          deps,
          {
            tenantId,
            vectorStoreIds,
            filter,
            text: query,
            dense: denseWeight > 0,
            candidates: settings.candidates,
          },
          signal,
        ),
        signal,
      ),
    (found) => ({ found: found.candidates.length, byMeaning: found.vector !== null }),
  )
  const fused = await trail.stage(
    'fuse',
    () => fuse(candidates, { k: settings.fusionK, denseWeight, lexicalWeight }),
    (chunks) => ({ k: settings.fusionK, chunks: chunks.length }),
  )
  trail.candidates(fused)
  const good = fused.filter(({ score }) => score >= scoreThreshold)
  trail.dropped(
    fused
      .filter(({ score }) => score < scoreThreshold)
      .map(({ chunkId }) => ({ chunkId, reason: `scores below ${scoreThreshold}` })),
  )
  const limit = asked.maxChunks ?? settings.maxChunks
  const threshold = settings.nearDuplicateThreshold
  const distinct = await trail.stage(
    'near-duplicates',
    () => dropNearDuplicates(good, { threshold, limit: limit * POOL }),
    ({ kept, dropped }) => ({ threshold, kept: kept.length, dropped: dropped.length }),
  )
  trail.dropped(distinct.dropped)
  const diverse = await trail.stage(
    'diversify',
    () => diversify(distinct.kept, { lambda, limit }),
    ({ kept }) => ({ lambda, limit, kept: kept.length }),
  )
  trail.dropped(diverse.dropped)
  const packed = await trail.stage(
    'pack',
    () => pack(diverse.kept, settings.contextTokens),
    ({ kept }) => ({
      kept: kept.length,
      tokens: kept.reduce((sum, { tokens }) => sum + tokens, 0),
    }),
  )
  trail.dropped(packed.dropped)
  trail.placed(packed.kept)
  const { answerability } = await trail.stage(
    'judge',
    () => judge({ query, vector, embeddingModel: model }, fused),
    (judgement) => ({
      answerability: judgement.answerability,
      abstainBelow: settings.abstainBelow,
      ...judgement.evidence,
    }),
  )
  const embedded = model === null || vector === null ? null : { model, vector }
  return { passages: packed.kept, answerability, embedded, notices }
}
