import type { AnswerEvent, RankedChunk } from './answer.ts'
import type { Question, SearchRequest } from './question.ts'

/** Ends with exactly one `finished` event, or throws an AppError. Aborting the signal ends all work under it. */
export type Answer = (question: Question, signal: AbortSignal) => AsyncIterable<AnswerEvent>

/** Best first. */
export type Search = (
  request: SearchRequest,
  signal: AbortSignal,
) => Promise<readonly RankedChunk[]>
