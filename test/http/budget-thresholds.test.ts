import { expect, test } from 'vitest'
import { connectMcp } from './connect-mcp.ts'
import { ask } from './priced-answers.ts'
import { openPricedTenant, type PricedTenant } from './priced-tenant.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()
const LIMIT = 100_000
const chat = { model: 'large', messages: [{ role: 'user' as const, content: ask.input }] }
const HEADER = 'ragstone-budget-warning'
const WARNING =
  /^The daily token budget of your organisation is 85 % used; it starts anew at \d{4}-\d\d-\d\dT00:00:00Z\.$/
const INSTEAD = 'A budget runs low: small answered in place of large.'

/** A tenant that has used so much of its tokens of the day. */
async function having(
  used: number,
  priced: Parameters<typeof openPricedTenant>[1] = {},
): Promise<PricedTenant> {
  const usage = { inputTokens: used, outputTokens: 0 }
  const tenant = await openPricedTenant(world(), {
    cheaperModel: 'small',
    tier: { tokensPerDay: LIMIT },
    ...priced,
    models: { large: { usage } },
  })
  await tenant.send('POST /v1/responses', ask)
  return tenant
}
const noticesOf = ({ body }: { readonly body: Readonly<Record<string, unknown>> }) =>
  (body['ragstone'] as { readonly notices: readonly string[] }).notices

test('below the share from which on it warns, nothing is said', async () => {
  const tenant = await having(79_999)
  const answered = await tenant.send('POST /v1/responses', ask)

  expect([answered.headers.get(HEADER), noticesOf(answered)]).toEqual([null, []])
})

test.each([
  ['POST /v1/responses', ask],
  ['POST /v1/chat/completions', chat],
])('%s warns in a header and in the notices', async (...[call, body]) => {
  const tenant = await having(85_000)
  const answered = await tenant.send(call, body)

  expect(answered.headers.get(HEADER)).toMatch(WARNING)
  expect(noticesOf(answered)).toEqual([answered.headers.get(HEADER)])
})

test('a response that streams warns in a header, and in an event before its first word', async () => {
  const { send } = await having(85_000)
  const { headers, text } = await send('POST /v1/responses', { ...ask, stream: true })
  const events = eventsOf(text)
  const types = events.map(({ type }) => type)
  const warned = types.lastIndexOf('response.in_progress')

  expect(headers.get(HEADER)).toMatch(WARNING)
  expect(events[warned]).toMatchObject({
    sequence_number: warned,
    response: { ragstone: { notices: [headers.get(HEADER)] } },
  })
  expect(warned).toBeLessThan(types.indexOf('response.output_text.delta'))
})

test('a completion that streams warns in a header, and in a chunk before its first word', async () => {
  const { send } = await having(85_000)
  const { headers, text } = await send('POST /v1/chat/completions', { ...chat, stream: true })
  const [, warning] = eventsOf(text)

  expect(warning).toMatchObject({
    choices: [{ index: 0, delta: {}, finish_reason: null }],
    ragstone: { warnings: [headers.get(HEADER)] },
  })
})

test('a stream that had to begin before the budget was known warns all the same, but not in a header', async () => {
  const { send } = await having(85_000, { queuedMs: 400 })
  const { headers, text } = await send('POST /v1/responses', { ...ask, stream: true })

  expect(headers.get(HEADER)).toBeNull()
  expect(text).toContain('budget of your organisation is 85 % used')
})

test('one that is refused after it had to begin ends with the refusal', async () => {
  const { send } = await having(100_000, { queuedMs: 400 })
  const response = await send('POST /v1/responses', { ...ask, stream: true })
  const completion = await send('POST /v1/chat/completions', { ...chat, stream: true })

  expect(eventsOf(response.text).at(-1)).toMatchObject({
    type: 'response.failed',
    response: {
      error: {
        code: 'rate_limit_exceeded',
        message: expect.stringContaining('The daily token budget') as string,
      },
    },
  })
  expect(eventsOf(completion.text).at(-1)).toMatchObject({ error: { code: 'budget_exceeded' } })
  expect([response.status, completion.status]).toEqual([200, 200])
})

test('the official client adds up a stream that warns', async () => {
  const { client } = await having(85_000)
  const model = 'small'
  const response = await client.responses.stream({ ...ask, model }).finalResponse()
  const completion = await client.chat.completions.stream({ ...chat, model }).finalChatCompletion()

  expect([response.output_text, completion.choices[0]?.message.content]).toEqual([
    'Sixty days [1].',
    'Sixty days [1].',
  ])
})

test('a response in the background warns in an event, which is told again like the others', async () => {
  const { client, send } = await having(85_000)
  const stream = await client.responses.create({ ...ask, background: true, stream: true })
  const told: unknown[] = []
  let id = ''
  for await (const event of stream) {
    if (event.type === 'response.created') id = event.response.id
    told.push(event)
  }
  const again = eventsOf((await send(`GET /v1/responses/${id}?stream=true`)).text)

  expect(again).toEqual(told)
  expect(again.filter(({ type }) => type === 'response.in_progress')).toHaveLength(2)
})

test('an assistant that asks over MCP finds it among the notices', async () => {
  const { url, key } = await having(85_000)
  const mcp = await connectMcp(url, key)
  const { structuredContent } = await mcp.callTool({
    name: 'ask',
    arguments: { question: ask.input, model: 'large' },
  })
  await mcp.close()

  expect(structuredContent).toMatchObject({ notices: [expect.stringMatching(WARNING)] })
})

test('from the next share on the cheaper model answers, and the answer says so', async () => {
  const { send, chats } = await having(90_000)
  const answered = await send('POST /v1/responses', ask)

  expect(answered.body).toMatchObject({ status: 'completed', model: 'small' })
  expect(noticesOf(answered)).toContain(INSTEAD)
  expect([chats.get('large')?.requests.length, chats.get('small')?.requests.length]).toEqual([1, 1])
})

test('a completion that streams names the cheaper model in its last chunk', async () => {
  const { send } = await having(90_000)
  const { text } = await send('POST /v1/chat/completions', { ...chat, stream: true })

  expect(eventsOf(text).at(-1)).toMatchObject({
    model: 'small',
    ragstone: { model: 'small', notices: expect.arrayContaining([INSTEAD]) as unknown },
  })
})

test('the cheaper model also answers where only what it costs still fits', async () => {
  const used = { large: { usage: { inputTokens: 500, outputTokens: 0 } } }
  const tier = { costPerDay: 0.001 }
  const tenant = await openPricedTenant(world(), { cheaperModel: 'small', tier, models: used })
  await tenant.send('POST /v1/responses', ask)

  expect((await tenant.send('POST /v1/responses', ask)).body).toMatchObject({ model: 'small' })
})

test('where the cheaper model does not fit either, the question is refused', async () => {
  const { send } = await having(99_500)

  expect(await send('POST /v1/responses', ask)).toMatchObject({ status: 402 })
})

test('the documents answer in their own words where that is the cheaper model', async () => {
  const { send } = await having(99_999, { cheaperModel: 'extractive' })

  expect((await send('POST /v1/responses', ask)).body).toMatchObject({ model: 'extractive' })
})

test('who names the cheaper model has it, and hears of no other', async () => {
  const { send } = await having(90_000)
  const answered = await send('POST /v1/responses', { ...ask, model: 'small' })

  expect(answered.body).toMatchObject({ model: 'small' })
  expect(noticesOf(answered)).not.toContain(INSTEAD)
})

test('an answer in a format is not given to a model that cannot keep to it', async () => {
  const { send } = await having(99_999, { cheaperModel: 'extractive' })
  const format = { type: 'json_schema', name: 'days', schema: { type: 'object' } }

  expect(await send('POST /v1/responses', { ...ask, text: { format } })).toMatchObject({
    status: 402,
  })
})

function eventsOf(text: string): readonly Readonly<Record<string, unknown>>[] {
  return [...text.matchAll(/^data: (\{.*)$/gm)].map(
    ([, data = '{}']) => JSON.parse(data) as Readonly<Record<string, unknown>>,
  )
}
