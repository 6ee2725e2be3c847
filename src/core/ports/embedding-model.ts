import type { TokenUsage } from '../answer.ts'

export interface EmbedOptions {
  readonly kind: 'passage' | 'query'
  readonly signal?: AbortSignal
  /** Of whoever sits and waits for it: goes before what nobody waits for, and before tenants that had more done lately. */
  readonly tenantId?: string
  /** Told once a batch by services that say what they have read. */
  readonly onUsage?: (usage: TokenUsage) => void
}

/** Turns text into unit vectors. Implementations split into batches by themselves. */
export interface EmbeddingModel {
  /** Part of every cache key and of the embedding space's name. */
  readonly id: string
  readonly dimensions: number
  /** Longer passages are cut by the model. */
  readonly maxTokens: number
  embed(texts: readonly string[], options: EmbedOptions): Promise<readonly Float32Array[]>
}

/** Counts in the embedding model's own tokens, without its special ones. Synchronous: called for every sentence. */
export interface Tokenizer {
  count(text: string): number
}

/**
 * A worker thread cannot be handed a function: it is told which module makes its tokenizer.
 * The module exports `createTokenizer(options: unknown): Promise<Tokenizer>`.
 */
export interface TokenizerSource {
  /** A `file:` URL. */
  readonly module: string
  readonly options: unknown
}
