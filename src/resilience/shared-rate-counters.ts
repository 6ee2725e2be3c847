import type { RateCounters } from '../core/ports/rate-counters.ts'
import type { SharedOrLocal } from './shared-or-local.ts'

/**
 * Counts together, and alone while that is not possible. What was counted together is counted here too, so that going on
 * alone does not begin at nothing.
 */
export function createSharedRateCounters(of: {
  readonly shared: RateCounters
  readonly local: RateCounters
  readonly sharedOrLocal: SharedOrLocal
}): RateCounters {
  const { shared, local, sharedOrLocal } = of
  return {
    take: (scopes, cost) =>
      sharedOrLocal.run(
        async () => {
          const decision = await shared.take(scopes, cost)
          if (decision.allowed) await local.take(scopes, cost)
          return decision
        },
        () => local.take(scopes, cost),
      ),
  }
}
