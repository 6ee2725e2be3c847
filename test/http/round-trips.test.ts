import { describe, expect, test } from 'vitest'
import { BACKENDS } from '../storage/backends.ts'
import { ask, HELD_BACK } from './priced-answers.ts'
import { openPricedTenant, type PricedTenant } from './priced-tenant.ts'
import { useHttpWorld } from './world.ts'

/** Of which one answer is too much to be held back many times. */
const BUDGET = { tokensPerDay: 50 * HELD_BACK, costPerMonth: 100 }
const chat = { model: 'large', messages: [{ role: 'user', content: ask.input }] }

describe.each(BACKENDS)('A warm question on %s: round trips with the database', (kind) => {
  const world = useHttpWorld(kind)

  /**
   * Who calls, whose documents, limits and stores are known from the questions before. The fewest of several: every five
   * seconds one of them looks the key and the tenant up again.
   */
  async function counted(asking: () => Promise<{ readonly status: number }>): Promise<number> {
    await asking()
    await asking()
    const counts: number[] = []
    for (let time = 0; time < 3; time += 1) {
      const before = world().roundTrips()
      expect((await asking()).status).toBe(200)
      counts.push(world().roundTrips() - before)
    }
    return Math.min(...counts)
  }
  const asked =
    ({ send }: PricedTenant, body: object = ask, route = '/v1/responses') =>
    () =>
      send(`POST ${route}`, body)

  test('its stores, its budget, the search, its record, and the response that is kept', async () => {
    expect(await counted(asked(await openPricedTenant(world(), { tier: BUDGET })))).toBe(5)
  })

  test('a key with limits and a budget of its own costs no more', async () => {
    const tenant = await openPricedTenant(world(), { tier: BUDGET })
    const { send } = tenant
    const { key } = await tenant.newKey({ requests_per_minute: 1_000, tokens_per_day: 100_000 })

    expect(await counted(() => send('POST /v1/responses', ask, key))).toBe(5)
  })

  test('neither does a person with a session and a budget', async () => {
    const tenant = await openPricedTenant(world(), { tier: BUDGET })
    const person = await tenant.signIn()
    await tenant.send(`PUT /api/budgets/users/${person.id}`, { tokens_per_day: 100_000 })

    expect(await counted(() => person.send('POST /v1/responses', ask))).toBe(5)
  })

  test('where no budget applies, none is asked about', async () => {
    expect(await counted(asked(await openPricedTenant(world())))).toBe(4)
  })

  test('where every budget is far from spent, it is not asked about each time', async () => {
    const tier = { tokensPerDay: 100_000_000, costPerMonth: 10_000 }
    expect(await counted(asked(await openPricedTenant(world(), { tier })))).toBe(4)
  })

  test('stores that are named are looked up together', async () => {
    const tenant = await openPricedTenant(world(), { tier: BUDGET })
    const [store, other] = [
      await tenant.client.vectorStores.list(),
      await tenant.client.vectorStores.create({}),
    ]
    const vector_store_ids = [store.data[0]?.id, other.id]
    const body = { ...ask, tools: [{ type: 'file_search', vector_store_ids }] }

    expect(await counted(asked(tenant, body))).toBe(5)
  })

  test('a response that is not kept saves one', async () => {
    const tenant = await openPricedTenant(world(), { tier: BUDGET })

    expect(await counted(asked(tenant, { ...ask, store: false }))).toBe(4)
  })

  test('so does a chat completion', async () => {
    const tenant = await openPricedTenant(world(), { tier: BUDGET })

    expect(await counted(asked(tenant, chat, '/v1/chat/completions'))).toBe(4)
  })
})
