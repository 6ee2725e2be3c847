import type { Valkey } from 'iovalkey'
import {
  highestLevel,
  type PenaltySettings,
  type RateCounters,
} from '../core/ports/rate-counters.ts'
import { TAKE_SCRIPT } from './take-script.ts'
import { createScript } from './script.ts'

export interface ValkeyRateCountersDeps {
  readonly valkey: Valkey
  /** Before every key: `ragstone:`. */
  readonly prefix: string
  readonly penalty: PenaltySettings
  /** Milliseconds, in place of the server's own clock, which is the same for every process. */
  readonly now?: () => number
}

/** Shared by all processes that use one Valkey: one round trip for all scopes. */
export function createValkeyRateCounters({
  valkey,
  prefix,
  penalty,
  now,
}: ValkeyRateCountersDeps): RateCounters {
  const run = createScript(valkey, TAKE_SCRIPT)
  const settings = [penalty.baseMs, penalty.halfLifeMs, penalty.longestMs, highestLevel(penalty)]

  return {
    async take(scopes, cost = 1) {
      if (scopes.length === 0) return { allowed: true, standings: [] }
      const keys = scopes.flatMap(({ key }) => [`${prefix}rate:${key}`, `${prefix}penalty:${key}`])
      const limits = scopes.flatMap(({ limit, windowMs, penalised }) => [
        limit,
        windowMs,
        penalised ? 1 : 0,
      ])
      const answer = (await run(keys, [cost, ...settings, now?.() ?? '', ...limits])) as number[]
      const [allowed, ...numbers] = answer
      return {
        allowed: allowed === 1,
        standings: scopes.map((_scope, index) => {
          const [remaining = 0, moreInMs = -1, waitMs = 0] = numbers.slice(index * 3, index * 3 + 3)
          return { remaining, moreInMs: moreInMs === -1 ? null : moreInMs, waitMs }
        }),
      }
    },
  }
}
