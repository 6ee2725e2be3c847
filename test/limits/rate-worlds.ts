import { randomUUID } from 'node:crypto'
import { describe } from 'vitest'
import type { PenaltySettings, RateCounters } from '../../src/core/ports/rate-counters.ts'
import { createLocalRateCounters } from '../../src/limits/local-rate-counters.ts'
import { createValkeyRateCounters } from '../../src/valkey/valkey-rate-counters.ts'
import { isChosen } from '../chosen-backends.ts'
import { describeOnValkey } from '../valkey-server.ts'

export interface RateWorld {
  /** Fresh counters, which know nothing of any others. `now` in place of the real clock. */
  make(penalty?: PenaltySettings, now?: () => number): RateCounters
}

const NO_PENALTY: PenaltySettings = { baseMs: 1_000, halfLifeMs: 1_000, longestMs: 0 }

/** Runs the suite on the counters in process, and on those in Valkey where there is one. */
export function onEveryRateCounters(title: string, suite: (world: RateWorld) => void): void {
  describe.runIf(isChosen('process'))(`${title} in process`, () => {
    suite({
      make: (penalty = NO_PENALTY, now) =>
        createLocalRateCounters({ penalty, ...(now === undefined ? {} : { now }) }),
    })
  })
  describeOnValkey(`${title} in Valkey`, (valkey) => {
    suite({
      make: (penalty = NO_PENALTY, now) =>
        createValkeyRateCounters({
          valkey: valkey(),
          prefix: `test:${randomUUID()}:`,
          penalty,
          ...(now === undefined ? {} : { now }),
        }),
    })
  })
}
