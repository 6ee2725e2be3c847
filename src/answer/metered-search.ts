import type { Search } from '../core/ask.ts'
import type { Spending } from '../limits/spending.ts'
import type { Tariff } from '../limits/tariff.ts'
import type { Tokenizer } from '../core/ports/embedding-model.ts'
import { meteredEmbedders } from './metered-embedders.ts'
import { createSearch, type SearchDeps } from './search.ts'

export interface MeteredSearchDeps extends SearchDeps {
  readonly spending: Spending
  readonly tariff: Tariff
  readonly tokenizer: Tokenizer
}

/** A search whose question is embedded by a service is paid for; with the built-in model it is a search and no more. */
export function createMeteredSearch(deps: MeteredSearchDeps): Search {
  const { embedder, spending, tariff, tokenizer } = deps
  if (embedder === null || tariff(embedder.id).builtIn) return createSearch(deps)
  return async (request, signal) => {
    const { tenantId, caller, text } = request
    const inputTokens = tokenizer.count(text)
    const bill = await spending.open({
      tenantId,
      account: { caller, answerId: null },
      budgets: caller.budgets,
      alternatives: [[{ model: embedder.id, inputTokens, outputTokens: 0 }]],
    })
    try {
      return await createSearch({ ...deps, ...meteredEmbedders(deps, bill.meter) })(request, signal)
    } finally {
      await bill.settleAlone()
    }
  }
}
