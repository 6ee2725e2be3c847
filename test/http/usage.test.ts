import { expect, test } from 'vitest'
import { runCommand } from '../cli/run-command.ts'
import { ask } from './priced-answers.ts'
import { openPricedTenant, type PricedTenant } from './priced-tenant.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()
const usageOf = (inputTokens: number, cachedTokens: number, outputTokens: number) => ({
  usage: { inputTokens, cachedTokens, outputTokens },
})
const models = { large: usageOf(300, 0, 33), small: usageOf(70, 10, 7) }

/** Two answers of one model by the first key, one of another by the second, one by a person. */
async function used() {
  const tenant = await openPricedTenant(world(), { models })
  const second = await tenant.newKey({})
  const person = await tenant.signIn()
  await tenant.send('POST /v1/responses', ask)
  await tenant.send('POST /v1/responses', ask)
  await tenant.send('POST /v1/responses', { ...ask, model: 'small' }, second.key)
  await person.send('POST /v1/responses', { ...ask, model: 'small' })
  const first = String((await tenant.send('GET /api/whoami')).body['key_id'])
  return { ...tenant, first, second: second.id, person: person.id, asPerson: person }
}
const LARGE = { calls: 2, input_tokens: 600, output_tokens: 66, cost: '0.000666', currency: 'USD' }
const SMALL = { calls: 1, input_tokens: 70, cached_tokens: 10, output_tokens: 7, cost: '0.0000077' }

test('usage is reported by key, by user, by model and by both', async () => {
  const { send, first, second, person, tenantId } = await used()
  const report = async (groups: string) => (await send(`GET /api/usage?group_by=${groups}`)).body
  const [byKey, byUser, byModel, byBoth] = [
    await report('key'),
    await report('user'),
    await report('model'),
    await report('key,model'),
  ]
  const none = { ...SMALL, tenant_id: tenantId }

  expect(byKey['data']).toHaveLength(3)
  expect(byKey['data']).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ ...LARGE, key: first }),
      expect.objectContaining({ ...SMALL, key: second }),
      expect.objectContaining({ ...none, key: null }),
    ]),
  )
  expect(byUser['data']).toMatchObject([
    { user: person, ...SMALL },
    { user: null, calls: 3 },
  ])
  expect(byModel['data']).toMatchObject([
    { model: 'large', ...LARGE },
    { model: 'small', calls: 2, cost: '0.0000154' },
  ])
  expect(byBoth['data']).toContainEqual(
    expect.objectContaining({ key: second, model: 'small', ...SMALL }),
  )
})

test('its totals are those of the ledger, to the last digit', async () => {
  const { send, ledger } = await used()
  const { body } = await send('GET /api/usage?group_by=day,key,model,purpose,user')
  const millionths = (cost: string) => Math.round(Number(cost) * 1e10)
  const rows = await ledger()

  expect(body['totals']).toMatchObject([{ calls: rows.length, cost: '0.0006814' }])
  expect(rows.reduce((sum, { cost }) => sum + millionths(cost), 0)).toBe(millionths('0.0006814'))
})

test('what was used before or after is not in the report', async () => {
  const { send } = await used()
  const callsOf = async (query: string) => {
    const { body } = await send(`GET /api/usage?${query}`)
    return (body['totals'] as readonly { readonly calls: number }[])[0]?.calls ?? 0
  }
  const today = new Date().toISOString().slice(0, 10)

  expect([
    await callsOf(`since=2020-01-01&until=${today}`),
    await callsOf(`since=${today}`),
    await callsOf('since=2100-01-01&until=2100-01-02'),
  ]).toEqual([0, 4, 0])
})

test.each(['since=2026-02-30', 'since=2026-12-01&until=2026-11-01', 'group_by=colour'])(
  'GET /api/usage?%s is refused',
  async (query) => {
    const { send } = await openPricedTenant(world())

    expect((await send(`GET /api/usage?${query}`)).status).toBe(400)
  },
)

test('no tenant sees the usage of another, and all of them only an operator', async () => {
  const [mine, other] = [await used(), await openPricedTenant(world())]
  const operator = await world().newKey(['admin', 'operator'])
  const all = await other.send('GET /api/usage?tenants=all&group_by=model', undefined, operator)

  expect((await other.send('GET /api/usage')).body).toMatchObject({ data: [], totals: [] })
  expect((await other.send('GET /api/usage?tenants=all')).status).toBe(403)
  expect(all.body['data']).toContainEqual(
    expect.objectContaining({ tenant_id: mine.tenantId, model: 'large', ...LARGE }),
  )
})

test('who may only ask sees no report, but what is left of the budgets that hold for him', async () => {
  const tenant = await openPricedTenant(world(), { models, tier: { tokensPerMonth: 5_000 } })
  const { key, id } = await tenant.newKey({ cost_per_day: 0.01 })
  await tenant.send('POST /v1/responses', ask, key)

  expect((await tenant.send('GET /api/usage', undefined, key)).status).toBe(403)
  expect(await tenant.budgets(key)).toMatchObject([
    { holder: { type: 'tenant' }, window: 'month', unit: 'tokens', used: 333, left: 4_667 },
    { holder: { type: 'key', id }, window: 'day', unit: 'cost', used: 0.000333, left: 0.009667 },
  ])
})

test('a person sees his own budget beside that of the tenant', async () => {
  const tenant = await openPricedTenant(world(), { models, tier: { tokensPerDay: 5_000 } })
  const person = await tenant.signIn()
  await tenant.send(`PUT /api/budgets/users/${person.id}`, { tokens_per_day: 1_000 })
  await tenant.send('POST /v1/responses', ask)
  const { body } = await person.send('GET /api/budgets')

  expect(body['data']).toMatchObject([
    { holder: { type: 'tenant' }, used: 333 },
    { holder: { type: 'user', id: person.id }, used: 0, left: 1_000 },
  ])
})

test('the budgets of people are listed, changed and lifted, for people that there are', async () => {
  const tenant = await openPricedTenant(world())
  const { id } = await tenant.signIn()
  const path = `/api/budgets/users/${id}`
  await tenant.send(`PUT ${path}`, { tokens_per_day: 1 })
  await tenant.send(`PUT ${path}`, { cost_per_month: 2 })
  const listed = await tenant.send('GET /api/budgets/users')
  const [lifted, again] = [await tenant.send(`DELETE ${path}`), await tenant.send(`DELETE ${path}`)]
  const unknown = await tenant.send('PUT /api/budgets/users/user_none', { tokens_per_day: 1 })

  expect(listed.body['data']).toMatchObject([
    { user_id: id, tokens_per_day: null, cost_per_month: 2 },
  ])
  expect([lifted.status, again.status, unknown.status]).toEqual([200, 404, 404])
})

const run = ({ url, key }: PricedTenant, ...words: string[]) =>
  runCommand(['--url', url, '--api-key', key, ...words])

test('`ragstone usage --by model` is a table with a sum', async () => {
  const { out } = await run(await used(), 'usage', '--by', 'model')

  expect(out.split('\n').map((line) => line.split(/ {2,}/).map((cell) => cell.trim()))).toEqual([
    ['MODEL', 'CALLS', 'INPUT TOKENS', 'CACHED TOKENS', 'OUTPUT TOKENS', 'COST', 'CURRENCY'],
    ['large', '2', '600', '0', '66', '0.000666', 'USD'],
    ['small', '2', '140', '20', '14', '0.0000154', 'USD'],
    ['all', '4', '740', '20', '80', '0.0006814', 'USD'],
    [''],
  ])
})

test('`ragstone usage --by key,model --csv` is a row for each, as spreadsheets read it', async () => {
  const tenant = await used()
  const { out } = await run(tenant, 'usage', '--by', 'key,model', '--csv')
  const [head, ...rows] = out.trim().split('\n')

  expect(head).toBe('key,model,calls,input_tokens,cached_tokens,output_tokens,cost,currency')
  expect(rows.toSorted()).toEqual(
    [
      `${tenant.first},large,2,600,0,66,0.000666,USD`,
      `${tenant.second},small,1,70,10,7,0.0000077,USD`,
      ',small,1,70,10,7,0.0000077,USD',
    ].toSorted(),
  )
})

test('`ragstone usage --json` is what the API says', async () => {
  const tenant = await used()
  const { out } = await run(tenant, 'usage', '--json', '--since', '2026-01-01')

  expect(JSON.parse(out)).toMatchObject({
    object: 'usage.report',
    totals: [{ calls: 4, cost: '0.0006814' }],
  })
})

test('`ragstone usage --all-tenants` names each tenant, for an operator', async () => {
  const tenant = await used()
  const operator = await world().newKey(['admin', 'operator'])
  const refused = await run(tenant, 'usage', '--all-tenants')
  const { out } = await run({ ...tenant, key: operator }, 'usage', '--all-tenants', '--csv')

  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("scope 'operator'")])
  expect(out).toContain(`${tenant.tenantId},4,740,20,80,0.0006814,USD`)
})

test('`ragstone usage` says so where nothing was used', async () => {
  const { err, out } = await run(await openPricedTenant(world()), 'usage')

  expect([err, out]).toEqual(['No model was used in that time.\n', ''])
})

test('`ragstone budgets` says what is used and left of each, and when it starts anew', async () => {
  const tenant = await openPricedTenant(world(), { models, tier: { tokensPerDay: 5_000 } })
  await tenant.send('POST /v1/responses', ask)
  const { out } = await run(tenant, 'budgets')
  const json = await run(tenant, 'budgets', '--json')

  expect(out.split('\n')[1]?.split(/ {2,}/)).toEqual([
    `tenant ${tenant.tenantId}`,
    'day',
    'tokens',
    '5000',
    '333',
    '0',
    '4667',
    expect.stringMatching(/^\d{4}-\d\d-\d\d 00:00$/),
  ])
  expect(JSON.parse(json.out)).toMatchObject({ used: 333, left: 4_667 })
})

test('`ragstone budgets` says so where none holds', async () => {
  const { err } = await run(await openPricedTenant(world()), 'budgets')

  expect(err).toBe('No budget holds here.\n')
})
