import OpenAI from 'openai'
import type { Limits } from '../../src/core/limits.ts'
import type { PenaltySettings } from '../../src/core/ports/rate-counters.ts'
import type { HttpDeps } from '../../src/http/http-deps.ts'
import { createLocalLeases } from '../../src/limits/local-leases.ts'
import { createLocalRateCounters } from '../../src/limits/local-rate-counters.ts'
import { createRateLimiter } from '../../src/limits/rate-limiter.ts'
import type { RateSettings } from '../../src/limits/rate-scopes.ts'
import { createStreamCap } from '../../src/limits/stream-cap.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { NO_RATES } from '../no-rates.ts'
import { createFakeAnswer } from './fake-answer.ts'
import type { HttpWorld } from './world.ts'

const MILD: PenaltySettings = { baseMs: 1_000, halfLifeMs: 60_000, longestMs: 0 }

export interface Rules {
  readonly settings?: Partial<RateSettings>
  readonly tier?: Partial<Limits>
  readonly now?: () => number
  readonly penalty?: PenaltySettings
  readonly overrides?: Partial<HttpDeps>
}

/** An application whose callers have these limits and no others. */
export async function listenWithRates(
  world: HttpWorld,
  { settings = {}, tier = {}, now, penalty = MILD, overrides }: Rules,
) {
  const metrics = createMetrics()
  const fake = createFakeAnswer()
  const { url, app } = await world.listen({
    tiers: new Map([['enterprise', tier]]),
    answer: fake.answer,
    metrics,
    rateLimiter: createRateLimiter({
      counters: createLocalRateCounters({ penalty, ...(now === undefined ? {} : { now }) }),
      settings: { ...NO_RATES, ...settings },
      metrics,
    }),
    streamCap: createStreamCap({ leases: createLocalLeases() }),
    ...overrides,
  })
  const get = (path: string, key: string | null = world.key, headers = {}) =>
    fetch(`${url}${path}`, {
      headers: { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...headers },
    })
  const clientOf = (key = world.key, maxRetries = 0) =>
    new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries })
  return { url, app, get, metrics, fake, clientOf }
}
