import { pino } from 'pino'
import { buildApp } from '../src/http/build-app.ts'
import type { HttpDeps } from '../src/http/http-deps.ts'
import { createMetrics } from '../src/telemetry/metrics.ts'

/** The OpenAPI document of a server that is not there: routes describe themselves when they are registered. */
export async function describeApi(): Promise<object> {
  const absent: Pick<
    HttpDeps,
    'logger' | 'metrics' | 'models' | 'people' | 'settings' | 'version'
  > = {
    logger: pino({ level: 'silent' }),
    metrics: createMetrics(),
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
