import type { Caller } from './caller.ts'
import type { ModelPrice } from './model.ts'

export type Purpose =
  | 'answer'
  | 'embed_again'
  | 'embed_documents'
  | 'embed_question'
  | 'embed_texts'
  | 'rewrite'

/** One call of a model: what it read and wrote, and what that costs. */
export interface ModelCall {
  /** By its registry name. */
  readonly model: string
  readonly purpose: Purpose
  readonly inputTokens: number
  /** Of the input, what the provider had read before. */
  readonly cachedTokens: number
  readonly outputTokens: number
  /** Whether the tokens were counted here, because the provider did not say. */
  readonly estimated: boolean
  /** Null costs nothing. */
  readonly price: ModelPrice | null
  /** Whether it counts toward budgets. */
  readonly budgeted: boolean
  readonly latencyMs: number
}

/** On whose account, and for what. Null where nobody asked: work on documents. */
export interface UsageAccount {
  readonly caller: Pick<Caller, 'keyId' | 'requestId' | 'userId'> | null
  readonly answerId: string | null
}

export type UsageGroup = 'day' | 'key' | 'model' | 'purpose' | 'user'

export interface UsageQuery {
  readonly since: Date
  /** Exclusive. */
  readonly until: Date
  readonly groups: readonly UsageGroup[]
}

/** Sums of the ledger. Money is decimal text; what is not grouped by is absent. */
export interface UsageRow {
  readonly group: Partial<Readonly<Record<UsageGroup, string | null>>>
  readonly calls: number
  readonly inputTokens: number
  readonly cachedTokens: number
  readonly outputTokens: number
  readonly cost: string
  readonly currency: string
}
