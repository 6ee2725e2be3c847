import type { Citation, Outcome, TokenUsage } from './answer.ts'

/** One candidate's way through retrieval. Ranks are 1-based; null where a stage did not see it. */
export interface TracedCandidate {
  readonly chunkId: string
  readonly fileId: string
  readonly filename: string
  readonly start: number
  readonly end: number
  readonly page: number | null
  readonly similarity: number | null
  readonly denseRank: number | null
  readonly bm25: number | null
  readonly lexicalRank: number | null
  readonly fused: number
  /** Place among the chunks given to the model; null when it was dropped. */
  readonly place: number | null
  /** Why it is not among them: `near-duplicate of <chunkId>`, `over the token budget`… */
  readonly dropped: string | null
}

export interface TracedStage {
  readonly name: string
  readonly milliseconds: number
  /** What the stage decided, in small plain values. */
  readonly detail: Readonly<Record<string, unknown>>
}

/** Everything needed to say why an answer is what it is. */
export interface AnswerTrace {
  readonly answerId: string
  readonly createdAt: Date
  readonly question: string
  /** What was searched for: the question, rewritten if a conversation made it so. */
  readonly query: string
  readonly vectorStoreIds: readonly string[]
  readonly model: string
  readonly outcome: Outcome | 'cancelled' | 'failed'
  readonly stages: readonly TracedStage[]
  readonly candidates: readonly TracedCandidate[]
  readonly usage: TokenUsage
  /** Kept by what was cited; not given back with the rest. */
  readonly citations?: readonly Citation[]
}
