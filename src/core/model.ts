/** Money for a million tokens, as the configuration states it. */
export interface ModelPrice {
  readonly inputPerMillion: number
  readonly outputPerMillion: number
  /** For input that the provider had read before; null where it costs the same. */
  readonly cachedInputPerMillion?: number | null
  readonly currency: string
  /** The day the price was looked up, YYYY-MM-DD. */
  readonly asOf: string
}

/** By its name or another that it answers to. */
export function modelNamed(models: readonly ModelInfo[], name: string): ModelInfo | undefined {
  return (
    models.find((model) => model.name === name) ??
    models.find(({ aliases = [] }) => aliases.includes(name))
  )
}

/** A model that a caller may name. */
export interface ModelInfo {
  readonly name: string
  /** Other names that it answers to: what the configuration calls it. */
  readonly aliases?: readonly string[]
  readonly kind: 'chat' | 'embedding' | 'extractive'
  readonly ownedBy: string
  /** Null where the notion does not apply. */
  readonly contextTokens: number | null
  readonly price: ModelPrice | null
}
