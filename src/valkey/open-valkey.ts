import { setTimeout as delay } from 'node:timers/promises'
import { Valkey } from 'iovalkey'
import type { Leases } from '../core/ports/leases.ts'
import type { PenaltySettings, RateCounters } from '../core/ports/rate-counters.ts'
import { createValkeyLeases } from './valkey-leases.ts'
import { createValkeyRateCounters } from './valkey-rate-counters.ts'
import { inTime } from './in-time.ts'

export interface ValkeyOptions {
  /** `redis://`, or `rediss://` with TLS. */
  readonly url: string
  readonly prefix: string
  readonly penalty: PenaltySettings
}

export interface OpenedValkey {
  readonly rateCounters: RateCounters
  readonly leases: Leases
  readonly isConnected: boolean
  /** Told when the connection breaks. */
  onLost(listener: () => void): void
  /** Its version; rejects when it does not answer in time. */
  ping(): Promise<string>
  close(): void
}

/** A caller waits no longer for it: then he is served by this process alone. */
const PATIENCE_MS = 500
/** How long a start waits for the connection, before it goes on without. */
const START_MS = 2_000
const LONGEST_PAUSE_MS = 1_000

/** Connects, and connects again by itself whenever that is lost. While there is no connection every call fails at once. */
export async function openValkey(options: ValkeyOptions): Promise<OpenedValkey> {
  const valkey = new Valkey(options.url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectTimeout: START_MS,
    retryStrategy: (tries) => Math.min(tries * 50, LONGEST_PAUSE_MS),
  })
  // Every failure is told to whoever asked; without a listener it would be written to standard error besides.
  valkey.on('error', () => undefined)
  const ready = new Promise<void>((resolve) => valkey.once('ready', () => resolve()))
  await Promise.race([ready, delay(START_MS, undefined, { ref: false })])

  const counters = createValkeyRateCounters({ valkey, ...options })
  const leases = createValkeyLeases({ valkey, ...options })
  return {
    rateCounters: { take: (...call) => inTime(counters.take(...call), PATIENCE_MS) },
    leases: {
      take: (...call) => inTime(leases.take(...call), PATIENCE_MS),
      renew: (lease) => inTime(leases.renew(lease), PATIENCE_MS),
      release: (lease) => inTime(leases.release(lease), PATIENCE_MS),
    },
    ping: async () => versionOf(await inTime(valkey.info('server'), PATIENCE_MS)),
    get isConnected() {
      return valkey.status === 'ready'
    },
    onLost: (listener) => void valkey.on('close', listener),
    close() {
      valkey.removeAllListeners('close')
      valkey.disconnect()
    },
  }
}

function versionOf(info: string): string {
  return /^(?:valkey|redis)_version:(\S+)/m.exec(info)?.[1] ?? 'unknown'
}
