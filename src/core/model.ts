/** Money for a million tokens, as the configuration states it. */
export interface ModelPrice {
  readonly inputPerMillion: number
  readonly outputPerMillion: number
  readonly currency: string
  /** The day the price was looked up, YYYY-MM-DD. */
  readonly asOf: string
}

/** A model that a caller may name. */
export interface ModelInfo {
  readonly name: string
  readonly kind: 'chat' | 'embedding' | 'extractive'
  readonly ownedBy: string
  /** Null where the notion does not apply. */
  readonly contextTokens: number | null
  readonly price: ModelPrice | null
}
