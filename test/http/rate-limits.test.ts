import OpenAI from 'openai'
import { expect, test } from 'vitest'
import type { RateSettings } from '../../src/limits/rate-scopes.ts'
import { plainAnswer } from './fake-answer.ts'
import { connectMcp } from './connect-mcp.ts'
import { listenWithRates, type Rules } from './rated-app.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()
const ask = { model: 'extractive', input: 'x' }
const listen = (rules: Rules) => listenWithRates(world(), rules)

const statuses = async (calls: number, get: () => Promise<Response>) => {
  const seen = []
  for (let call = 0; call < calls; call += 1) seen.push((await get()).status)
  return seen
}

test('a tenant may make as many requests a minute as its tier says', async () => {
  const { get } = await listen({ tier: { requestsPerMinute: 3 } })

  expect(await statuses(4, () => get('/v1/models'))).toEqual([200, 200, 200, 429])
})

test('all keys of a tenant count together', async () => {
  const { get } = await listen({ tier: { requestsPerMinute: 1 } })
  await get('/v1/models')

  expect((await get('/v1/models', await world().newKey(['read']))).status).toBe(429)
})

test('one tenant takes nothing from another', async () => {
  const { get } = await listen({ tier: { requestsPerMinute: 1 } })
  await get('/v1/models')

  expect((await get('/v1/models', await world().newTenantKey())).status).toBe(200)
})

test('a key has a limit of its own beside its tenant', async () => {
  const { get } = await listen({
    settings: { key: { requestsPerMinute: 1, questionsPerMinute: null } },
    tier: { requestsPerMinute: 100 },
  })
  const other = await world().newKey(['read'])
  const seen = [
    await get('/v1/models', other),
    await get('/v1/models', other),
    await get('/v1/models'),
  ]

  expect(seen.map(({ status }) => status)).toEqual([200, 429, 200])
})

test('a request that lacks the scope counts too', async () => {
  const { get } = await listen({ tier: { requestsPerMinute: 2 } })
  const reader = await world().newKey(['ask'])

  expect(await statuses(3, () => get('/v1/files', reader))).toEqual([403, 403, 429])
})

test('an answer says what the limits are and what is left of them', async () => {
  const { get } = await listen({
    settings: { key: { requestsPerMinute: 10, questionsPerMinute: null } },
    tier: { requestsPerMinute: 20, questionsPerMinute: 5 },
  })
  const { headers } = await get('/v1/models')

  expect(headers.get('ratelimit-policy')).toBe('"key";q=10;w=60, "tenant";q=20;w=60')
  expect(headers.get('ratelimit')).toMatch(/^"key";r=9;t=6[01], "tenant";r=19;t=6[01]$/)
})

test('a stream says it too', async () => {
  const { url } = await listen({ tier: { questionsPerMinute: 5 } })
  const response = await fetch(`${url}/v1/responses`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world().key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...ask, stream: true }),
  })
  await response.text()

  expect(response.headers.get('ratelimit')).toMatch(/^"tenant-questions";r=4;t=6[01]$/)
})

test('where nothing is limited nothing is said', async () => {
  const { get } = await listen({})
  const { headers } = await get('/v1/models')

  expect([headers.get('ratelimit'), headers.get('ratelimit-policy')]).toEqual([null, null])
})

test('a refusal is the envelope of the API, and says when to come back', async () => {
  const { get } = await listen({ tier: { requestsPerMinute: 1 } })
  await get('/v1/models')
  const response = await get('/v1/models')
  const { error } = (await response.json()) as { error: object }
  const wait = Number(response.headers.get('retry-after'))

  expect(error).toEqual({
    message: `Too many requests of this tenant: it may make 1 a minute. Try again in ${wait} s.`,
    type: 'requests',
    code: 'rate_limit_exceeded',
    param: null,
  })
  expect(wait).toBeGreaterThanOrEqual(59)
  expect(response.headers.get('ratelimit')).toBe(`"tenant";r=0;t=${wait}`)
})

test('a question counts as a question and as a request', async () => {
  const { clientOf, get } = await listen({ tier: { requestsPerMinute: 9, questionsPerMinute: 1 } })
  await clientOf().responses.create(ask)
  const chat = clientOf().chat.completions.create({
    model: 'extractive',
    messages: [{ role: 'user', content: 'x' }],
  })

  await expect(chat).rejects.toBeInstanceOf(OpenAI.RateLimitError)
  expect((await get('/v1/models')).headers.get('ratelimit')).toContain('"tenant";r=7')
})

test('a question that is refused reaches no model', async () => {
  const { clientOf, fake } = await listen({ tier: { questionsPerMinute: 0 } })

  await expect(clientOf().responses.create(ask)).rejects.toMatchObject({ status: 429 })
  expect(fake.signals).toEqual([])
})

test('a stream is refused before it begins', async () => {
  const { clientOf } = await listen({ tier: { questionsPerMinute: 0 } })

  await expect(clientOf().responses.create({ ...ask, stream: true })).rejects.toMatchObject({
    status: 429,
  })
})

test('the official client waits as long as it is told, and then has its answer', async () => {
  // Time stands still until the client is told to wait; from then on a minute passes in a third of a second.
  let told: number | undefined
  const { clientOf, fake } = await listen({
    tier: { questionsPerMinute: 1 },
    now: () => (told === undefined ? 0 : Math.floor((performance.now() - told) * 180)),
    overrides: {},
  })
  fake.script(plainAnswer())
  await clientOf().responses.create(ask)
  let calls = 0
  const client = new OpenAI({
    baseURL: clientOf().baseURL,
    apiKey: world().key,
    maxRetries: 1,
    fetch: async (...call) => {
      const response = await fetch(...call)
      calls += 1
      told ??= performance.now()
      const headers = new Headers(response.headers)
      // The same minute, as the client counts it.
      const wait = Number(headers.get('retry-after-ms'))
      headers.set('retry-after-ms', String(Math.ceil(wait / 180)))
      return new Response(response.body, { status: response.status, headers })
    },
  })

  expect((await client.responses.create(ask)).status).toBe('completed')
  expect(calls).toBe(2)
})

test('the tool that answers counts as a question', async () => {
  const { url } = await listen({ tier: { questionsPerMinute: 1 } })
  const mcp = await connectMcp(url, world().key)
  await mcp.callTool({ name: 'ask', arguments: { question: 'What?' } })

  await expect(mcp.callTool({ name: 'ask', arguments: { question: 'What?' } })).rejects.toThrow(
    'Too many questions of this tenant',
  )
  await mcp.close()
})

test('a tool that is refused gets an error of its protocol, with the same headers', async () => {
  const { url } = await listen({ tier: { requestsPerMinute: 0 } })
  const response = await fetch(`${url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${world().key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  })

  expect(response.status).toBe(429)
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(response.headers.get('ratelimit')).toContain('"tenant";r=0')
  expect(await response.json()).toMatchObject({
    jsonrpc: '2.0',
    error: { data: { code: 'rate_limit_exceeded' } },
  })
})

const strangers = (limit: number): Partial<RateSettings> => ({
  address: { requestsPerMinute: null, questionsPerMinute: null, strangerRequestsPerMinute: limit },
})

test.each([
  ['an unknown path', '/nothing', null, 404],
  ['a public route', '/openapi.json', null, 200],
  ['no key', '/v1/models', null, 401],
  ['a wrong key', '/v1/models', 'rs_wrong', 401],
])('%s is limited by the address', async (...[, path, key, status]) => {
  const { get } = await listen({ settings: strangers(2) })

  expect(await statuses(3, () => get(path, key))).toEqual([status, status, 429])
})

test('who has a key is served, however many strangers come from the same address', async () => {
  const { get } = await listen({ settings: strangers(1) })
  await statuses(5, () => get('/v1/models', null))

  expect((await get('/v1/models')).status).toBe(200)
})

test.each(['/livez', '/readyz'])('%s is never refused', async (path) => {
  const { get } = await listen({ settings: strangers(0) })

  expect((await get(path, null)).status).toBe(200)
})

test('an address may be limited whoever calls from it', async () => {
  const { get } = await listen({
    settings: {
      address: { requestsPerMinute: 1, questionsPerMinute: null, strangerRequestsPerMinute: null },
    },
  })

  expect(await statuses(2, () => get('/v1/models'))).toEqual([200, 429])
})

test('nobody passes for another address by saying so', async () => {
  const { get } = await listen({ settings: strangers(1) })
  await get('/v1/models', null, { 'x-forwarded-for': '192.0.2.1' })

  expect((await get('/v1/models', null, { 'x-forwarded-for': '192.0.2.2' })).status).toBe(429)
})

test('a trusted proxy is believed', async () => {
  const { settings } = world().deps
  const { get } = await listen({
    settings: strangers(1),
    overrides: { settings: { ...settings, trustedProxies: ['127.0.0.1'] } },
  })
  const from = (address: string) => get('/v1/models', null, { 'x-forwarded-for': address })

  expect([
    (await from('192.0.2.1')).status,
    (await from('192.0.2.2')).status,
    (await from('192.0.2.1')).status,
    // What a caller says of himself is before what the proxy says of him.
    (await from('192.0.2.77, 192.0.2.2')).status,
  ]).toEqual([401, 401, 429, 429])
})

test('who goes over a limit again and again waits longer than the window', async () => {
  let now = 0
  const { get } = await listen({
    settings: { key: { requestsPerMinute: 1, questionsPerMinute: null } },
    now: () => now,
    penalty: { baseMs: 60_000, halfLifeMs: 3_600_000, longestMs: 900_000 },
  })
  const waits: number[] = []
  for (let round = 0; round < 4; round += 1) {
    await get('/v1/models')
    const refused = await get('/v1/models')
    waits.push(Number(refused.headers.get('retry-after')))
    now += Number(refused.headers.get('retry-after')) * 1_000
  }

  expect(waits[0]).toBeLessThanOrEqual(61)
  expect(waits.at(-1)).toBeGreaterThan(60 * 4)
})

test('as many answers of a key stream at once as its tenant may', async () => {
  const { clientOf, fake } = await listen({ tier: { concurrentStreams: 1 } })
  const held = Promise.withResolvers<void>()
  fake.script([() => held.promise, ...plainAnswer()])
  const first = await clientOf().responses.create({ ...ask, stream: true })
  const second = clientOf().responses.create({ ...ask, stream: true })

  await expect(second).rejects.toMatchObject({ status: 429, code: 'rate_limit_exceeded' })
  held.resolve()
  for await (const _ of first);
})

test('a stream that ended, or whose reader left, makes room', async () => {
  const { clientOf, fake } = await listen({ tier: { concurrentStreams: 1 } })
  for await (const _ of await clientOf().responses.create({ ...ask, stream: true }));
  const hang = (signal: AbortSignal) =>
    new Promise<void>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    })
  fake.script([hang])
  const left = await clientOf().responses.create({ ...ask, stream: true })
  left.controller.abort()
  fake.script(plainAnswer())
  const status = () =>
    clientOf()
      .responses.create({ ...ask, stream: true })
      .then(
        async (stream) => {
          for await (const _ of stream);
          return 200
        },
        (error: { status?: number }) => error.status,
      )

  await expect.poll(status).toBe(200)
})

test('decisions are counted by what was decided', async () => {
  const { get, metrics } = await listen({ tier: { requestsPerMinute: 1 } })
  await statuses(3, () => get('/v1/models'))
  const page = await metrics.read()

  expect(page).toContain('ragstone_rate_decisions_total{outcome="allowed",limit="none"} 1')
  expect(page).toContain('ragstone_rate_decisions_total{outcome="refused",limit="tenant"} 2')
})
