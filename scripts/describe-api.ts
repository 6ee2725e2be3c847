import { pino } from 'pino'
import { buildApp } from '../src/http/build-app.ts'
import type { HttpDeps } from '../src/http/http-deps.ts'
import { createLocalRateCounters } from '../src/limits/local-rate-counters.ts'
import { createRateLimiter } from '../src/limits/rate-limiter.ts'
import { createMetrics } from '../src/telemetry/metrics.ts'
import { NO_RATES } from '../test/no-rates.ts'

/** The OpenAPI document of a server that is not there: routes describe themselves when they are registered. */
export async function describeApi(): Promise<object> {
  const absent: Pick<
    HttpDeps,
    'logger' | 'metrics' | 'models' | 'people' | 'rateLimiter' | 'settings' | 'version'
  > = {
    logger: pino({ level: 'silent' }),
    metrics: createMetrics(),
    rateLimiter: createRateLimiter({
      counters: createLocalRateCounters({ penalty: { baseMs: 1, halfLifeMs: 1, longestMs: 0 } }),
      settings: NO_RATES,
      metrics: createMetrics(),
    }),
    models: [],
    people: {} as HttpDeps['people'],
    settings: {
      bodyLimitBytes: 1_000_000,
      fileLimitBytes: 1_000_000,
      defaultModel: 'extractive',
      defaultTier: 'free',
      shutdownGraceMs: 0,
      pressure: { maxEventLoopDelayMs: 0, maxHeapBytes: 0, maxResidentBytes: null },
    },
    // The same in every release, so that only what moved shows.
    version: 'current',
  }
  const app = buildApp(absent as HttpDeps)
  try {
    return (await app.inject('/openapi.json')).json<object>()
  } finally {
    await app.close()
  }
}
