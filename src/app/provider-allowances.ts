import type { Logger } from 'pino'
import type { Metrics } from '../core/ports/metrics.ts'
import type { RateCounters } from '../core/ports/rate-counters.ts'
import { createProviderAllowance } from '../limits/provider/provider-allowance.ts'
import { createUseWatch } from '../limits/provider/watch-use.ts'
import type { OpenModelsDeps } from './open-models.ts'

/** Keeps to the configured limits of each provider, and says when one comes near. */
export function createProviderAllowances(deps: {
  readonly counters: RateCounters
  readonly metrics: Pick<Metrics, 'counter' | 'gauge'>
  readonly logger: Pick<Logger, 'warn'>
}): OpenModelsDeps['allowances'] {
  const { counters, metrics, logger } = deps
  const warn = (use: object) => logger.warn(use, "a provider's limit is nearly used up")
  const watch = createUseWatch({ metrics, warn })
  return (name, limits, longestWaitMs) =>
    limits === null
      ? null
      : createProviderAllowance({
          name,
          limits,
          counters,
          longestWaitMs,
          onUse: (limit, share) => watch({ model: name, limit, share }),
        })
}
