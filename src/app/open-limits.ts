import type { Logger } from 'pino'
import type { Leases } from '../core/ports/leases.ts'
import type { Metrics } from '../core/ports/metrics.ts'
import type { PenaltySettings, RateCounters } from '../core/ports/rate-counters.ts'
import { createLocalLeases } from '../limits/local-leases.ts'
import { createLocalRateCounters } from '../limits/local-rate-counters.ts'
import { createBreaker } from '../resilience/breaker.ts'
import { createSharedLeases } from '../resilience/shared-leases.ts'
import { createSharedOrLocal } from '../resilience/shared-or-local.ts'
import { createSharedRateCounters } from '../resilience/shared-rate-counters.ts'
import { openValkey } from '../valkey/open-valkey.ts'
import type { Config } from './config.ts'

/** What limits count with. */
export interface Counting {
  readonly rateCounters: RateCounters
  readonly leases: Leases
  /** Null where none is configured; otherwise whether it is there. */
  readonly valkey: { readonly isThere: boolean } | null
  close(): void
}

const PROBE_EVERY_MS = 500
/** One failure opens it, one probe that succeeds closes it. */
const BREAKER = { threshold: 0.5, window: 1, minimumCalls: 1, openMs: PROBE_EVERY_MS / 2 }

/** In this process, or in the configured Valkey for as long as it is there. */
export async function openCounting(
  { limits, valkey: { url, prefix } }: Pick<Config, 'limits' | 'valkey'>,
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Metrics },
): Promise<Counting> {
  const penalty = penaltyOf(limits.penalty)
  const local = {
    rateCounters: createLocalRateCounters({ penalty }),
    leases: createLocalLeases(),
  }
  if (url === null) return { ...local, valkey: null, close: () => undefined }

  const valkey = await openValkey({ url, prefix, penalty })
  const failures = metrics.counter({
    name: 'ragstone_valkey_outages_total',
    help: 'How often Valkey went away, and this process counted by itself.',
  })
  const sharedOrLocal = createSharedOrLocal({
    breaker: createBreaker('Valkey', BREAKER),
    probe: () => valkey.ping(),
    probeEveryMs: PROBE_EVERY_MS,
    onChange(reason) {
      if (reason === null) {
        logger.info('Valkey is there: limits are shared')
        return
      }
      failures.add({})
      logger.warn({ error: reason }, 'Valkey is away: limits count in this process by itself')
    },
  })
  metrics.gauge({ name: 'ragstone_valkey_up', help: '1 while limits are shared.' }, () => [
    [{}, sharedOrLocal.isShared ? 1 : 0],
  ])
  valkey.onLost(() => sharedOrLocal.lost())
  if (!valkey.isConnected) sharedOrLocal.lost()
  return {
    rateCounters: createSharedRateCounters({
      shared: valkey.rateCounters,
      local: local.rateCounters,
      sharedOrLocal,
    }),
    leases: createSharedLeases({ shared: valkey.leases, local: local.leases, sharedOrLocal }),
    valkey: {
      get isThere() {
        return sharedOrLocal.isShared
      },
    },
    close() {
      sharedOrLocal.stop()
      valkey.close()
    },
  }
}

function penaltyOf(settings: Config['limits']['penalty']): PenaltySettings {
  return {
    baseMs: settings.baseSeconds * 1000,
    halfLifeMs: settings.halfLifeSeconds * 1000,
    longestMs: settings.longestSeconds * 1000,
  }
}
