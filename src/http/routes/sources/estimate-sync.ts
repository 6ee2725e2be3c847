import type { WireSync } from '../../../contract/source.ts'
import type { EmbeddingModelInfo } from './embedding-models.ts'

// Of English, as budgets hold back for it.
const BYTES_A_TOKEN = 4
const BUILT_IN = 'ragstone'

type Estimate = NonNullable<WireSync['estimate']>

/** What embedding so many bytes by each of the models would cost. In floating point, which is enough for an estimate. */
export function estimateSync(bytes: number, models: readonly EmbeddingModelInfo[]): Estimate {
  const tokens = Math.ceil(bytes / BYTES_A_TOKEN)
  const each = models.map((model) => ({ model: model.name, ...costOf(tokens, model) }))
  const isKnown = each.length > 0 && each.every(({ cost }) => cost !== null)
  return {
    tokens,
    model: each[0]?.model ?? null,
    cost: isKnown ? each.reduce((sum, { cost }) => sum + (cost ?? 0), 0) : null,
    currency: each.find(({ currency }) => currency !== null)?.currency ?? null,
    models: each,
  }
}

function costOf(
  tokens: number,
  { ownedBy, price }: EmbeddingModelInfo,
): Pick<Estimate, 'cost' | 'currency'> {
  if (ownedBy === BUILT_IN) return { cost: 0, currency: null }
  if (price === null) return { cost: null, currency: null }
  return { cost: (tokens * price.inputPerMillion) / 1_000_000, currency: price.currency }
}
