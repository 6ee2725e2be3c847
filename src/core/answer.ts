import type { PageStart } from './chunk.ts'
import type { Attributes } from './filter.ts'
import type { ToolCall } from './question.ts'

/** A chunk as retrieval found it, with the scores of the searches that did. */
export interface Candidate {
  readonly chunkId: string
  readonly vectorStoreId: string
  readonly fileId: string
  readonly filename: string
  readonly attributes: Attributes
  readonly title: string | null
  readonly ordinal: number
  readonly start: number
  readonly end: number
  readonly text: string
  readonly context: string
  readonly headings: readonly string[]
  readonly page: number | null
  readonly laterPages?: readonly PageStart[]
  readonly tokens: number
  /** Where somebody edited the text: what it was, which is the bytes [start, end). */
  readonly originText?: string
  /** Cosine similarity to the question in [-1, 1]; null when dense search did not find it. */
  readonly similarity: number | null
  /** BM25, higher is better; null when lexical search did not find it. */
  readonly bm25: number | null
  /** The stored embedding, unit length; null in a store without one. */
  readonly vector: Float32Array | null
}

/** A candidate that took its place in the fused order. */
export interface RankedChunk extends Candidate {
  /** Reciprocal rank fusion, scaled to [0, 1]: 1 is first in every search. */
  readonly score: number
}

/** A claim's proof: the bytes [start, end) of the extracted text of `fileId` are exactly `quote`. */
export interface Citation {
  /** The `[n]` it stands behind, 1-based. */
  readonly number: number
  /** Where the marker begins in the answer's text, in UTF-16 code units. */
  readonly index: number
  readonly vectorStoreId: string
  readonly fileId: string
  readonly filename: string
  readonly chunkId: string
  readonly start: number
  readonly end: number
  readonly page: number | null
  readonly quote: string
  /** How far the quote supports the claim, in [0, 1]. */
  readonly score: number
  /** The model was shown a text that somebody had edited; the quote is the document's own, all of the passage. */
  readonly edited?: true
}

/** A question as a model has it. The vectors of two models cannot be compared. */
export interface EmbeddedQuery {
  readonly model: string
  readonly vector: Float32Array
}

export interface TokenUsage {
  readonly inputTokens: number
  readonly outputTokens: number
  /** Of the input, what the provider had read before; absent where it does not say. */
  readonly cachedTokens?: number
  /** The provider did not say, and they were counted here. */
  readonly estimated?: true
}

export type FinishReason = 'content_filter' | 'length' | 'stop' | 'tool_calls'

/** A model asks for a tool of the caller's: first which, then its arguments as they are written. */
export type ToolCallEvent =
  | {
      readonly type: 'tool-call'
      /** 0-based place among the calls of this answer. */
      readonly index: number
      readonly id: string
      readonly name: string
    }
  | { readonly type: 'tool-arguments'; readonly index: number; readonly delta: string }

/** How the answer came about: an abstention is an answer too. */
export type Outcome = 'abstained' | 'answered'

export type AnswerEvent =
  | {
      readonly type: 'searched'
      readonly query: string
      readonly chunks: readonly RankedChunk[]
      /** Sentences about budgets that run low, told as early as can be; `finished` repeats them. */
      readonly warnings?: readonly string[]
    }
  | { readonly type: 'text'; readonly delta: string }
  | { readonly type: 'citation'; readonly citation: Citation }
  | ToolCallEvent
  | {
      readonly type: 'finished'
      readonly outcome: Outcome
      readonly reason: FinishReason
      /** The model that wrote it, by its registry name. */
      readonly model: string
      readonly text: string
      readonly citations: readonly Citation[]
      /** What the caller is to run before it asks again. */
      readonly toolCalls?: readonly ToolCall[]
      readonly usage: TokenUsage
      /** Sentences for the reader about how the answer was made: a fallback, a missing index. */
      readonly notices: readonly string[]
    }
