import type { Metrics } from '../core/ports/metrics.ts'
import type { RateCounters, RateStanding } from '../core/ports/rate-counters.ts'
import {
  scopesOf,
  strangerScopes,
  type LimitedCaller,
  type NamedScope,
  type RateSettings,
} from './rate-scopes.ts'

/** How much a limit allows and what is left of it, as the caller may know. */
export interface Standing extends RateStanding {
  readonly name: string
  readonly limit: number
  readonly windowMs: number
}

export interface Verdict {
  readonly allowed: boolean
  readonly standings: readonly Standing[]
}

export interface RateLimiter {
  /** A request of somebody who is known; `questions` where it also asks so many. */
  request(caller: LimitedCaller, questions: number): Promise<Verdict>
  /** Questions that showed only when the request was read. */
  questions(caller: LimitedCaller, count: number): Promise<Verdict>
  /** A request of nobody in particular: to a public route, or refused for its credentials. Null is the local socket. */
  stranger(address: string | null): Promise<Verdict>
}

export interface RateLimiterDeps {
  readonly counters: RateCounters
  readonly settings: RateSettings
  readonly metrics: Metrics
}

/** Every limit of a request is asked at once: it passes them all, or costs nothing in any. */
export function createRateLimiter({ counters, settings, metrics }: RateLimiterDeps): RateLimiter {
  const decisions = metrics.counter({
    name: 'ragstone_rate_decisions_total',
    help: 'Requests by whether the rate limits let them pass, and which limit did not.',
    labels: ['outcome', 'limit'],
  })

  async function decide(scopes: readonly NamedScope[], cost = 1): Promise<Verdict> {
    if (scopes.length === 0) return NOTHING_LIMITED
    const { allowed, standings } = await counters.take(scopes, cost)
    const named = scopes.map(({ name, limit, windowMs }, index) => ({
      ...(standings[index] ?? UNKNOWN),
      name,
      limit,
      windowMs,
    }))
    const limit = named.find(({ waitMs }) => waitMs > 0)?.name ?? 'none'
    decisions.add({ outcome: allowed ? 'allowed' : 'refused', limit })
    return { allowed, standings: named }
  }

  return {
    request: (caller, questions) =>
      decide([
        ...scopesOf(caller, settings, 'requests'),
        ...(questions === 0 ? [] : scopesOf(caller, settings, 'questions')),
      ]),
    questions: (caller, count) => decide(scopesOf(caller, settings, 'questions'), count),
    stranger: async (address) =>
      address === null ? NOTHING_LIMITED : decide(strangerScopes(address, settings)),
  }
}

const NOTHING_LIMITED: Verdict = { allowed: true, standings: [] }
const UNKNOWN: RateStanding = { remaining: 0, moreInMs: null, waitMs: 0 }
