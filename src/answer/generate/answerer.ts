import type { EmbeddedQuery, RankedChunk, TokenUsage } from '../../core/answer.ts'
import type { GenerateEvent } from '../../core/ports/chat-model.ts'
import type { AnswerFormat, Message, Sampling, Tools } from '../../core/question.ts'

export interface AnswererRequest {
  readonly tenantId: string
  /** Nobody sits and waits for it. */
  readonly background?: boolean
  /** As it was asked. */
  readonly question: string
  /** As it was searched for: stands alone, without the conversation. */
  readonly query: string
  /** `query` as the search has embedded it; null where it went by words alone. */
  readonly embedded?: EmbeddedQuery | null
  readonly history: readonly Message[]
  /** `[n]` in the answer stands for the n-th, 1-based. */
  readonly passages: readonly RankedChunk[]
  /** The caller's, to be followed where they do not contradict ours. */
  readonly instructions: string | null
  readonly maxOutputTokens: number | null
  readonly temperature: number | null
  readonly topP: number | null
  readonly sampling?: Sampling
  readonly tools?: Tools
  /** What was done about the question so far: calls of tools, with their results. */
  readonly steps?: readonly Message[]
  /** Absent is prose with markers. */
  readonly format?: AnswerFormat
}

/** Writes an answer with `[n]` markers from passages alone: a language model, or the passages' own sentences. */
export interface Answerer {
  /** Its name in the registry. */
  readonly name: string
  /** Who is asked in its place, in order, when its provider fails before the first words. */
  readonly fallbacks?: readonly Answerer[]
  /** The follow-up as a question of its own. Absent where nothing can write one; may throw, and may give nonsense. */
  readonly standAlone?: (
    question: string,
    history: readonly Message[],
    signal: AbortSignal,
  ) => Promise<{ readonly text: string; readonly usage: TokenUsage }>
  answer(request: AnswererRequest, signal: AbortSignal): AsyncIterable<GenerateEvent>
}

/** The whole answer when the documents do not say. */
export const ABSTENTION = 'The documents do not say.'
