import type { Metrics } from '../core/ports/metrics.ts'
import type { ModelCall } from '../core/usage.ts'

/** What models read, write and cost, by model: as good as floating point is; the ledger has it exactly. */
export function countSpending(
  metrics: Pick<Metrics, 'counter'>,
  currency: string,
): (calls: readonly ModelCall[]) => void {
  const tokens = metrics.counter({
    name: 'ragstone_model_tokens_total',
    help: 'Tokens that models have read and written.',
    labels: ['model', 'direction'],
  })
  const cost = metrics.counter({
    name: 'ragstone_model_cost_total',
    help: `What models have cost, in ${currency}.`,
    labels: ['model'],
  })
  return (calls) => {
    for (const { model, inputTokens, cachedTokens, outputTokens, price } of calls) {
      tokens.add({ model, direction: 'input' }, inputTokens)
      tokens.add({ model, direction: 'output' }, outputTokens)
      if (price === null) continue
      const cached = price.cachedInputPerMillion ?? price.inputPerMillion
      const input = (inputTokens - cachedTokens) * price.inputPerMillion + cachedTokens * cached
      cost.add({ model }, (input + outputTokens * price.outputPerMillion) / 1_000_000)
    }
  }
}
