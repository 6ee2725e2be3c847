import type { ModelPrice } from '../core/model.ts'

/** What a call of a model costs. */
export interface ModelTariff {
  /** Null where none is known: its tokens are counted, and cost nothing. */
  readonly price: ModelPrice | null
  /** Runs in this very process: what it does costs nobody anything, and counts toward no budget. */
  readonly builtIn: boolean
}

/** By the registry's name. */
export type Tariff = (model: string) => ModelTariff

/** In the price's currency; as good as floating point is, which is enough for an estimate and for nothing else. */
export function estimateCost(
  { price, builtIn }: ModelTariff,
  { inputTokens, outputTokens }: { readonly inputTokens: number; readonly outputTokens: number },
): number {
  if (price === null || builtIn) return 0
  return (inputTokens * price.inputPerMillion + outputTokens * price.outputPerMillion) / 1_000_000
}
