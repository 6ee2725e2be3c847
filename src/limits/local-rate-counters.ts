import {
  HALF_LIVES_REMEMBERED,
  type PenaltySettings,
  type RateCounters,
  type RateScope,
  type RateStanding,
} from '../core/ports/rate-counters.ts'
import { raisePenalty, type Penalty } from './penalty.ts'
import { createSlidingWindow, type SlidingWindow } from './sliding-window.ts'

export interface LocalRateCountersDeps {
  readonly penalty: PenaltySettings
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number
  /** Beyond so many, the one that was not used for the longest time is forgotten. */
  readonly mostCounters?: number
}

interface Counter {
  readonly window: SlidingWindow
  readonly windowMs: number
  penalty: Penalty | null
  usedAt: number
}

const MOST_COUNTERS = 50_000

/** Of this process alone. Its memory is bounded: by the number of counters, and by what was counted in one window. */
export function createLocalRateCounters({
  penalty: settings,
  now = () => Math.floor(performance.now()),
  mostCounters = MOST_COUNTERS,
}: LocalRateCountersDeps): RateCounters {
  /** Oldest use first. */
  const counters = new Map<string, Counter>()

  function counterOf({ key, windowMs }: RateScope, time: number): Counter {
    const known = counters.get(key)
    counters.delete(key)
    const window = known?.windowMs === windowMs ? known.window : createSlidingWindow(windowMs)
    const counter = { window, windowMs, penalty: known?.penalty ?? null, usedAt: time }
    counters.set(key, counter)
    return counter
  }

  /** Two for each that may be new: what is not used any longer leaves faster than it comes. */
  function forgetOld(time: number): void {
    for (let looked = 0; looked < 2; looked += 1) {
      const [key, oldest] = counters.entries().next().value ?? []
      if (key === undefined || oldest === undefined) return
      const { penalty, windowMs } = oldest
      const remembered = penalty === null ? 0 : settings.halfLifeMs * HALF_LIVES_REMEMBERED
      const isOver = time - oldest.usedAt > windowMs * 2 + remembered
      if (!isOver && counters.size <= mostCounters) return
      counters.delete(key)
    }
  }

  return {
    async take(scopes, cost = 1) {
      const time = now()
      const states = scopes.map((scope) => {
        const counter = counterOf(scope, time)
        forgetOld(time)
        const used = counter.window.used(time)
        const closed = Math.max(0, (counter.penalty?.until ?? 0) - time)
        return {
          scope,
          counter,
          closed,
          full: untilRoom(counter.window, { scope, used, cost, time }),
        }
      })
      const allowed = states.every(({ closed, full }) => closed === 0 && full === 0)
      const standings = states.map(({ scope, counter, closed, full }): RateStanding => {
        if (allowed) counter.window.add(time, cost)
        const fresh = !allowed && full > 0 && closed === 0 && scope.penalised
        if (fresh && settings.longestMs > 0)
          counter.penalty = raisePenalty(counter.penalty, time, settings)
        const penalty = Math.max(0, (counter.penalty?.until ?? 0) - time)
        return {
          remaining: penalty > 0 ? 0 : Math.max(0, scope.limit - counter.window.used(time)),
          moreInMs: counter.window.untilFreed(time, 1),
          waitMs: allowed ? 0 : Math.max(full, penalty),
        }
      })
      return { allowed, standings }
    },
  }
}

interface Wanted {
  readonly scope: RateScope
  readonly used: number
  readonly cost: number
  readonly time: number
}

/** What can never fit waits a window, for want of a better word. */
function untilRoom(window: SlidingWindow, { scope, used, cost, time }: Wanted): number {
  const tooMany = used + cost - scope.limit
  return tooMany <= 0 ? 0 : (window.untilFreed(time, tooMany) ?? scope.windowMs)
}
