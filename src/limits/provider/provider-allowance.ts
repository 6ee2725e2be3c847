import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../../core/errors.ts'
import type { RateCounters, RateScope } from '../../core/ports/rate-counters.ts'

/** What a provider lets an account do with one model; null is without limit. */
export interface ProviderLimits {
  readonly requestsPerMinute: number | null
  readonly tokensPerMinute: number | null
  readonly requestsPerDay: number | null
  readonly tokensPerDay: number | null
}

export type ProviderLimit = keyof ProviderLimits

export interface ProviderAllowance {
  /**
   * Leave for so many calls of about so many tokens together. Waits where waiting a moment is enough; throws
   * `provider_unavailable` with the time after which there is room again where it is not.
   */
  take(of: ExpectedUse, signal: AbortSignal | undefined): Promise<void>
  /** What they took beyond that. Never throws: it has been spent. */
  settle(moreTokens: number): Promise<void>
}

export interface ExpectedUse {
  readonly requests: number
  readonly tokens: number
}

export interface ProviderAllowanceDeps {
  /** Of the model, by its name here. */
  readonly name: string
  readonly limits: ProviderLimits
  /** Shared by all processes that share the account. */
  readonly counters: RateCounters
  readonly longestWaitMs: number
  /** Told after each call how much of each limit is used, in [0, 1]. */
  readonly onUse: (limit: ProviderLimit, share: number) => void
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** Keeps to a provider's limits ahead of time: a call that it would refuse is not sent. */
export function createProviderAllowance(deps: ProviderAllowanceDeps): ProviderAllowance {
  const { name, limits, counters, longestWaitMs, onUse } = deps
  const scopesOf = (...wanted: readonly (readonly [ProviderLimit, number])[]) =>
    wanted.flatMap(([limit, windowMs]): NamedScope[] => {
      const most = limits[limit]
      if (most === null) return []
      const key = `provider:${name}:${limit}`
      return [{ name: limit, scope: { key, limit: most, windowMs, penalised: false } }]
    })
  const requestLimits = scopesOf(['requestsPerMinute', MINUTE_MS], ['requestsPerDay', DAY_MS])
  const tokenLimits = scopesOf(['tokensPerMinute', MINUTE_MS], ['tokensPerDay', DAY_MS])

  /** Milliseconds until there is room; 0 when it was taken. */
  const tryTake = async (named: readonly NamedScope[], cost: number): Promise<number> => {
    if (named.length === 0 || cost <= 0) return 0
    // A call larger than the window would never be let through: it takes all of it.
    const most = Math.min(cost, ...named.map(({ scope }) => scope.limit))
    const scopes = named.map(({ scope }) => scope)
    const { allowed, standings } = await counters.take(scopes, most)
    for (const [at, { name: limit, scope }] of named.entries()) {
      onUse(limit, 1 - (standings[at]?.remaining ?? scope.limit) / scope.limit)
    }
    return allowed ? 0 : Math.max(1, ...standings.map(({ waitMs }) => waitMs))
  }
  const takeAll = async (
    { named, cost }: { readonly named: readonly NamedScope[]; readonly cost: number },
    signal: AbortSignal | undefined,
  ): Promise<void> => {
    const until = performance.now() + longestWaitMs
    for (;;) {
      const waitMs = await tryTake(named, cost)
      if (waitMs === 0) return
      if (performance.now() + waitMs > until) {
        throw new AppError(
          'provider_unavailable',
          `What the provider of ${name} allows is used up for the moment.`,
          { retryAfterMs: waitMs },
        )
      }
      await delay(waitMs, undefined, signal === undefined ? {} : { signal })
    }
  }

  return {
    async take({ requests, tokens }, signal) {
      await takeAll({ named: requestLimits, cost: requests }, signal)
      await takeAll({ named: tokenLimits, cost: tokens }, signal)
    },
    async settle(moreTokens) {
      await tryTake(tokenLimits, moreTokens).catch(() => undefined)
    },
  }
}

interface NamedScope {
  readonly name: ProviderLimit
  readonly scope: RateScope
}
