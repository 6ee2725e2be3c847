import OpenAI from 'openai'
import { expect, test } from 'vitest'
import type { BudgetLimits } from '../../src/core/budget.ts'
import { ask, HELD_BACK } from './priced-answers.ts'
import { openPricedTenant, type PricedTenant } from './priced-tenant.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()

/** What the model says it has used for `ask`. */
const USED = { inputTokens: 550, outputTokens: 50 }
/** Room for one such answer, and not for another. */
const LIMIT = 1_000
const models = { large: { usage: USED } }

const LIMITS = [
  ['day', 'tokens', 'tokensPerDay', 'tokens_per_day', 'daily token'],
  ['month', 'tokens', 'tokensPerMonth', 'tokens_per_month', 'monthly token'],
  ['day', 'cost', 'costPerDay', 'cost_per_day', 'daily money'],
  ['month', 'cost', 'costPerMonth', 'cost_per_month', 'monthly money'],
] as const
type Limit = (typeof LIMITS)[number]

interface Held extends PricedTenant {
  readonly asking: () => Promise<{
    readonly status: number
    readonly body: unknown
    readonly headers: Headers
  }>
}

const HOLDERS = {
  'your organisation': async ([, unit, name]: Limit): Promise<Held> => {
    const tier: BudgetLimits = { [name]: unit === 'cost' ? LIMIT / 1e6 : LIMIT }
    const tenant = await openPricedTenant(world(), { models, tier })
    return { ...tenant, asking: () => tenant.send('POST /v1/responses', ask) }
  },
  'your account': async ([, unit, , name]: Limit): Promise<Held> => {
    const tenant = await openPricedTenant(world(), { models })
    const person = await tenant.signIn()
    await tenant.send(`PUT /api/budgets/users/${person.id}`, {
      [name]: unit === 'cost' ? LIMIT / 1e6 : LIMIT,
    })
    return { ...tenant, asking: () => person.send('POST /v1/responses', ask) }
  },
  'this API key': async ([, unit, , name]: Limit): Promise<Held> => {
    const tenant = await openPricedTenant(world(), { models })
    const { key } = await tenant.newKey({ [name]: unit === 'cost' ? LIMIT / 1e6 : LIMIT })
    return { ...tenant, asking: () => tenant.send('POST /v1/responses', ask, key) }
  },
}

const CASES = Object.entries(HOLDERS).flatMap(([whose, open]) =>
  LIMITS.map((limit) => ({ name: `The ${limit[4]} budget of ${whose}`, open, limit })),
)

test.each(CASES)(
  '$name: one answer fits, and the next is refused until it starts anew',
  async ({ name, open, limit }) => {
    const { asking, chats } = await open(limit)
    const first = await asking()
    const second = await asking()
    const [window, unit] = limit
    const anew = startsAnew(window)
    const amounts =
      unit === 'tokens'
        ? `of 1,000 tokens, 600 tokens are used, and this may need ${HELD_BACK} tokens`
        : `of 0.001 USD, 0.0006 USD are used, and this may need 0.000${HELD_BACK} USD`

    expect([first.status, second.status]).toEqual([200, 402])
    expect(second.body).toEqual({
      error: {
        message: `${name} does not allow this: ${amounts}. It starts anew at ${anew.toISOString().replace('.000Z', 'Z')}; until then use a smaller request or have the budget raised.`,
        type: 'requests',
        code: 'budget_exceeded',
        param: null,
      },
    })
    const seconds = Number(second.headers.get('retry-after'))
    expect(Math.abs(Date.now() / 1_000 + seconds - anew.getTime() / 1_000)).toBeLessThan(60)
    expect(chats.get('large')?.requests).toHaveLength(1)
  },
)

test.each([
  [LIMITS[0], 1, 200],
  [LIMITS[1], 1, new Date().getUTCDate() === 1 ? 200 : 402],
  [LIMITS[1], 32, 200],
] as const)('%s, used up, after %i days: %i', async (limit, days, status) => {
  const { asking, age } = await HOLDERS['your organisation'](limit)
  await asking()
  await age(days)

  expect((await asking()).status).toBe(status)
})

test('budgets hold by themselves: one key may not use up what another has', async () => {
  const tenant = await openPricedTenant(world(), { models })
  const [one, other] = [
    await tenant.newKey({ tokens_per_day: LIMIT }),
    await tenant.newKey({ tokens_per_day: LIMIT }),
  ]
  const statuses: number[] = []
  for (const { key } of [one, one, other]) {
    statuses.push((await tenant.send('POST /v1/responses', ask, key)).status)
  }

  expect(statuses).toEqual([200, 402, 200])
})

test('a key with room is refused where its tenant has none', async () => {
  const tenant = await openPricedTenant(world(), { models, tier: { tokensPerDay: LIMIT } })
  const { key } = await tenant.newKey({ tokens_per_day: 900 })
  await tenant.send('POST /v1/responses', ask)
  const refused = await tenant.send('POST /v1/responses', ask, key)

  expect(refused.text).toContain('The daily token budget of your organisation')
})

test('what everybody may use who is not named stands at `*`', async () => {
  const tenant = await openPricedTenant(world(), { models })
  const [named, other] = [await tenant.signIn(), await tenant.signIn()]
  await tenant.send('PUT /api/budgets/users/*', { tokens_per_day: 10 })
  await tenant.send(`PUT /api/budgets/users/${named.id}`, { tokens_per_day: null })

  expect((await named.send('POST /v1/responses', ask)).status).toBe(200)
  expect((await other.send('POST /v1/responses', ask)).status).toBe(402)
})

test('of several budgets in the way, the one that is so longest is named', async () => {
  const tier = { tokensPerDay: LIMIT, tokensPerMonth: LIMIT }
  const tenant = await openPricedTenant(world(), { models, tier })
  await tenant.send('POST /v1/responses', ask)

  expect((await tenant.send('POST /v1/responses', ask)).text).toContain('The monthly token budget')
})

test('where only an answer under way stands in the way, the wait is five seconds', async () => {
  const held = Promise.withResolvers<void>()
  const large = { usage: USED, pause: { after: 0, until: held.promise } }
  const tenant = await openPricedTenant(world(), {
    models: { large },
    tier: { tokensPerDay: LIMIT },
  })
  const first = tenant.send('POST /v1/responses', ask)
  await expect.poll(() => tenant.chats.get('large')?.requests.length).toBe(1)
  const refused = await tenant.send('POST /v1/responses', ask)
  held.resolve()

  expect(refused).toMatchObject({
    status: 402,
    text: expect.stringContaining('Ask again when those are done') as string,
  })
  expect(refused.headers.get('retry-after')).toBe('5')
  expect((await first).status).toBe(200)
})

test.each([
  [
    'POST /v1/chat/completions',
    { model: 'large', messages: [{ role: 'user', content: ask.input }] },
  ],
  ['POST /v1/responses', { ...ask, stream: true }],
  [
    'POST /v1/chat/completions',
    { model: 'large', messages: [{ role: 'user', content: ask.input }], stream: true },
  ],
])('%s %j is refused before anything is sent', async (...[call, body]) => {
  const tenant = await openPricedTenant(world(), { tier: { tokensPerDay: 10 } })
  const refused = await tenant.send(call, body)

  expect(refused).toMatchObject({ status: 402, body: { error: { code: 'budget_exceeded' } } })
  expect(tenant.chats.get('large')?.requests).toEqual([])
})

test('the official client raises it as an error of its API, and does not try again', async () => {
  const { url, key } = await openPricedTenant(world(), { tier: { tokensPerDay: 10 } })
  let calls = 0
  const client = new OpenAI({
    baseURL: `${url}/v1`,
    apiKey: key,
    maxRetries: 3,
    fetch: (...call) => {
      calls += 1
      return fetch(...call)
    },
  })

  await expect(client.responses.create(ask)).rejects.toMatchObject({
    status: 402,
    code: 'budget_exceeded',
  })
  expect(calls).toBe(1)
})

test('a refusal is not kept under its idempotency key', async () => {
  const tenant = await openPricedTenant(world(), { models, tier: { tokensPerDay: LIMIT } })
  const headers = { 'Idempotency-Key': 'one' }
  const create = () => tenant.client.responses.create(ask, { headers })
  await tenant.client.responses.create(ask)
  await expect(create()).rejects.toMatchObject({ status: 402 })
  await tenant.age(1)

  expect((await create()).status).toBe('completed')
})

test.each(['extractive', 'unpriced'])(
  'the model %s costs nothing, whatever money is left',
  async (model) => {
    const tenant = await openPricedTenant(world(), { tier: { costPerDay: 0.0001 } })
    const answered = await tenant.send('POST /v1/responses', { ...ask, model })

    expect([answered.status, (await tenant.ledger())[0]?.cost]).toEqual([200, '0'])
  },
)

test('the tokens of a model without a price count all the same', async () => {
  const unpriced = { usage: USED }
  const tenant = await openPricedTenant(world(), {
    models: { unpriced },
    tier: { tokensPerDay: LIMIT },
  })
  const asking = () => tenant.send('POST /v1/responses', { ...ask, model: 'unpriced' })
  const [first, second] = [await asking(), await asking()]

  expect([first.status, second.status]).toEqual([200, 402])
})

test('what is held back is what the dearest model would cost that may have to stand in', async () => {
  const tier = { costPerDay: 0.0001 }
  const asked = { ...ask, model: 'small' }
  const alone = await openPricedTenant(world(), { tier })
  const beside = await openPricedTenant(world(), { tier, fallbacks: ['large'] })

  expect((await alone.send('POST /v1/responses', asked)).status).toBe(200)
  expect((await beside.send('POST /v1/responses', asked)).status).toBe(402)
})

test('what runs in the server itself counts toward no budget', async () => {
  const tenant = await openPricedTenant(world(), { tier: { tokensPerDay: 1 } })
  const answered = await tenant.send('POST /v1/responses', { ...ask, model: 'extractive' })

  expect(answered.status).toBe(200)
  expect(await tenant.budgets()).toMatchObject([{ used: 0, left: 1 }])
})

test('each row of the ledger has the day of its price', async () => {
  const tenant = await openPricedTenant(world(), { models })
  for (const model of ['large', 'unpriced']) {
    await tenant.send('POST /v1/responses', { ...ask, model })
  }
  const days = (await tenant.ledger()).map(({ model, price_as_of }) => [model, price_as_of])

  expect(days).toEqual([
    ['large', '2026-11-01'],
    ['unpriced', null],
  ])
})

function startsAnew(window: 'day' | 'month'): Date {
  const now = new Date()
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()]
  return new Date(window === 'day' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1))
}
