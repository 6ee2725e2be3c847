// Started by bench/measure-request-overhead.ts: one process with one database, and an application for each layer.
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { createApiKeySignIn } from '../src/auth/api-key-sign-in.ts'
import { createAuthenticate } from '../src/auth/authenticate.ts'
import { buildApp } from '../src/http/build-app.ts'
import type { HttpDeps } from '../src/http/http-deps.ts'
import { createLocalRateCounters } from '../src/limits/local-rate-counters.ts'
import { createMeter } from '../src/limits/meter.ts'
import { createRateLimiter } from '../src/limits/rate-limiter.ts'
import type { Spending } from '../src/limits/spending.ts'
import { createMetrics } from '../src/telemetry/metrics.ts'
import { examplePrincipal } from '../test/example-principal.ts'
import { pricedDeps } from '../test/http/priced-answers.ts'
import { openWorld } from '../test/http/world.ts'
import { NO_RATES } from '../test/no-rates.ts'

export type Layer = 'authentication' | 'bare' | 'budgets' | 'ledger' | 'limits'

export interface LayeredApp {
  readonly layer: Layer
  readonly url: string
  readonly key: string
}

const WIDE = 100_000_000
const RATES = { requestsPerMinute: WIDE, questionsPerMinute: WIDE }
const BUDGETS = { tokensPerDay: 1e12, tokensPerMonth: 1e13, costPerDay: 1e6, costPerMonth: 1e7 }
const TEXT = 'The notice period of the lease is sixty days.'

const [, , kind] = process.argv
const { world, close } = await openWorld(kind === 'postgres' ? 'postgres' : 'pglite')
const { deps, tenantId, key } = world
await fill()

/** Each has what those before it have, and one thing more. */
const bare: Partial<HttpDeps> = {
  ...pricedDeps(world, { spending: createNothingSpent() }).overrides,
  authenticate: async () => examplePrincipal(tenantId),
}
const authentication: Partial<HttpDeps> = {
  ...bare,
  authenticate: createAuthenticate([createApiKeySignIn({ keyDirectory: deps.keyDirectory })]),
}
const limits: Partial<HttpDeps> = {
  ...authentication,
  tiers: new Map([['enterprise', RATES]]),
  rateLimiter: createRateLimiter({
    counters: createLocalRateCounters({
      penalty: { baseMs: 1_000, halfLifeMs: 60_000, longestMs: 60_000 },
    }),
    settings: {
      ...NO_RATES,
      address: { ...RATES, strangerRequestsPerMinute: WIDE },
      key: RATES,
    },
    metrics: createMetrics(),
  }),
}
const { answer, spending } = pricedDeps(world).overrides
const ledger: Partial<HttpDeps> = { ...limits, answer, spending }
const budgets: Partial<HttpDeps> = {
  ...ledger,
  tiers: new Map([['enterprise', { ...RATES, ...BUDGETS }]]),
}
const apps = [
  await listen('bare', bare),
  await listen('authentication', authentication),
  await listen('limits', limits),
  await listen('ledger', ledger),
  await listen('budgets', budgets, await world.newKey(['ask'], { limits: BUDGETS })),
]
process.on('message', () => process.send?.(world.roundTrips()))
process.once('disconnect', () => {
  void (async () => {
    for (const { app } of apps) await app.close()
    await close()
  })()
})
process.send?.(apps.map(({ layer, url, key: of }): LayeredApp => ({ layer, url, key: of })))

async function listen(layer: Layer, overrides: Partial<HttpDeps>, of = key) {
  const app = buildApp({ ...deps, ...overrides, logger: pino({ level: 'silent' }) })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  return { app, layer, url: `http://127.0.0.1:${port}`, key: of }
}

/** One document, found by its words. */
async function fill(): Promise<void> {
  const store = await world.client.vectorStores.create({})
  const content = new File([TEXT], 'lease.txt')
  const file = await world.client.files.create({ file: content, purpose: 'assistants' })
  await world.client.vectorStores.files.create(store.id, { file_id: file.id })
  await world.index({ vectorStoreId: store.id, fileId: file.id }, TEXT)
}

/** Neither asks for a budget nor writes anything down. */
function createNothingSpent(): Spending {
  const meter = createMeter({
    tariff: () => ({ price: null, builtIn: true }),
    tokenizer: { count: () => 0 },
  })
  const nothing = async () => undefined
  return {
    open: async () => ({
      granted: 0,
      warnings: [],
      meter: {
        ...meter,
        chat: (model) => model,
        embedding: (model) => model,
        note: () => undefined,
      },
      settle: nothing,
      settleAlone: nothing,
      settleAfter: nothing,
    }),
  }
}
