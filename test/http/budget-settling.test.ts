import { expect, test } from 'vitest'
import { AppError } from '../../src/core/errors.ts'
import { ask, HELD_BACK } from './priced-answers.ts'
import { openPricedTenant, type PricedTenant } from './priced-tenant.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()
const LIMIT = 100_000
const tier = { tokensPerDay: LIMIT }
const chat = { model: 'large', messages: [{ role: 'user' as const, content: ask.input }] }
const WORDS = ['Sixty', ' days', ' [1].']

/** Whose model says two words and then nothing more. */
async function silent(priced: Parameters<typeof openPricedTenant>[1] = {}) {
  const gate = Promise.withResolvers<void>()
  const large = { deltas: WORDS, pause: { after: 2, until: gate.promise } }
  const tenant = await openPricedTenant(world(), { tier, ...priced, models: { large } })
  return { ...tenant, goOn: gate.resolve }
}
const held = async (tenant: PricedTenant) => {
  const [budget] = await tenant.budgets()
  return [budget?.used, budget?.reserved]
}

test('while an answer is on its way, what it may use is held back', async () => {
  const tenant = await silent()
  const answered = tenant.send('POST /v1/responses', ask)
  await expect.poll(() => held(tenant)).toEqual([0, HELD_BACK])
  tenant.goOn()
  await answered

  expect(await held(tenant)).toEqual([103, 0])
})

test.each(['responses', 'completions'] as const)(
  'a stream of %s that its reader leaves half-way settles what was used, as an estimate',
  async (api) => {
    const tenant = await silent()
    const stream =
      api === 'responses'
        ? await tenant.client.responses.create({ ...ask, stream: true })
        : await tenant.client.chat.completions.create({
            ...chat,
            max_completion_tokens: 50,
            stream: true,
          })
    await expect.poll(() => held(tenant)).toEqual([0, HELD_BACK])
    stream.controller.abort()

    await expect.poll(() => tenant.ledger()).toHaveLength(1)
    const [row] = await tenant.ledger()
    // `Sixty days`, four letters a token; the prompt was read whole.
    expect(row).toMatchObject({ model: 'large', output_tokens: 3, estimated: true })
    expect(row?.input_tokens).toBeGreaterThan(100)
    await expect
      .poll(() => held(tenant))
      .toEqual([(row?.input_tokens ?? 0) + (row?.output_tokens ?? 0), 0])
  },
)

test('a response in the background that is cancelled settles what was used', async () => {
  const tenant = await silent()
  const { id } = await tenant.client.responses.create({ ...ask, background: true })
  await expect.poll(() => held(tenant)).toEqual([0, HELD_BACK])
  await tenant.client.responses.cancel(id)

  await expect.poll(async () => (await held(tenant))[1]).toBe(0)
  expect(await tenant.ledger()).toMatchObject([{ output_tokens: 3, estimated: true }])
})

test('a call that fails before its first word costs nothing, and what was held back is free', async () => {
  const error = new AppError('provider_unavailable', 'The provider is away.')
  const large = { failure: { after: 0, error } }
  const tenant = await openPricedTenant(world(), { tier, models: { large } })
  const answered = await tenant.send('POST /v1/responses', ask)

  // The passages' own words took its place.
  expect(answered.body).toMatchObject({ model: 'extractive' })
  expect(await held(tenant)).toEqual([0, 0])
  expect(await tenant.ledger()).toMatchObject([{ model: 'extractive', cost: '0' }])
})

test('a call that fails half-way settles what was heard of it', async () => {
  const error = new AppError('provider_unavailable', 'The provider is away.')
  const large = { deltas: WORDS, failure: { after: 2, error } }
  const tenant = await openPricedTenant(world(), { tier, models: { large } })
  const answered = await tenant.send('POST /v1/responses', { ...ask, stream: true })

  expect(answered.text).toContain('response.failed')
  expect(await tenant.ledger()).toMatchObject([{ output_tokens: 3, estimated: true }])
  expect((await held(tenant))[1]).toBe(0)
})

test('what the provider says takes the place of what was held back, more or less', async () => {
  const large = { usage: { inputTokens: 2_000, outputTokens: 1 } }
  const tenant = await openPricedTenant(world(), { tier, models: { large } })
  await tenant.send('POST /v1/responses', ask)

  expect(await held(tenant)).toEqual([2_001, 0])
  expect(await tenant.ledger()).toMatchObject([
    { input_tokens: 2_000, output_tokens: 1, estimated: false, cost: '0.002001' },
  ])
})

test('a lease is renewed for as long as its answer takes', async () => {
  const tenant = await silent({ settings: { leaseSeconds: 1 } })
  const answered = tenant.send('POST /v1/responses', ask)
  await expect.poll(() => held(tenant)).toEqual([0, HELD_BACK])
  const first = await expiry(tenant)
  await expect.poll(() => expiry(tenant)).toBeGreaterThan(first + 1_000)

  expect(await held(tenant)).toEqual([0, HELD_BACK])
  tenant.goOn()
  await answered
})

test('what was held back by nobody any more is free when its lease is over', async () => {
  const tenant = await openPricedTenant(world(), { tier: { tokensPerDay: 1_000 } })
  await leave(tenant, '1 minute')
  const refused = await tenant.send('POST /v1/responses', ask)
  await world().deps.database.transact(tenant.tenantId, (transaction) =>
    transaction.query(
      "update budget_reservations set expires_at = now() - interval '1 second' where tenant_id = $1",
      [tenant.tenantId],
    ),
  )

  expect(refused.status).toBe(402)
  expect((await tenant.send('POST /v1/responses', ask)).status).toBe(200)
})

/** Held back by a process that died. */
async function leave({ tenantId }: PricedTenant, lease: string): Promise<void> {
  await world().deps.database.transact(tenantId, (transaction) =>
    transaction.query(
      `insert into budget_reservations (tenant_id, holder, id, tokens, cost, expires_at)
       values ($1, $2, 'left', 900, 0, now() + $3::interval)`,
      [tenantId, `tenant:${tenantId}`, lease],
    ),
  )
}

async function expiry({ tenantId }: PricedTenant): Promise<number> {
  const [row] = await world().deps.database.transact(tenantId, (transaction) =>
    transaction.query<{ expires_at: Date }>(
      'select expires_at from budget_reservations where tenant_id = $1',
      [tenantId],
    ),
  )
  return row?.expires_at.getTime() ?? 0
}
