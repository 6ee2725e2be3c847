import { setTimeout as sleep } from 'node:timers/promises'
import OpenAI from 'openai'
import { beforeEach, expect, test } from 'vitest'
import { AppError } from '../../src/core/errors.ts'
import { plainAnswer, searched } from './fake-answer.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()
const responses = () => world().client.responses
const begin = () => responses().create({ input: 'How long?', background: true })
/** Until it is told to stop. */
const forever = (signal: AbortSignal) =>
  new Promise<void>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })

beforeEach(() => world().answer.script(plainAnswer()))

test('a response in the background is there at once, and has ended later', async () => {
  const { id, status, background } = await begin()
  const ended = await untilEnded(id)

  expect({ status, background }).toEqual({ status: 'queued', background: true })
  expect(ended).toMatchObject({
    id,
    background: true,
    status: 'completed',
    output_text: 'Sixty days. [1]',
  })
  expect(ended).not.toHaveProperty('ragstone.working_until')
})

test('while it is worked on it says so', async () => {
  world().answer.script([searched, forever])
  const { id } = await begin()
  await until(async () => (await responses().retrieve(id)).status === 'in_progress')

  expect((await responses().cancel(id)).status).toBe('cancelled')
})

test('cancelling ends the work, and the response stays cancelled', async () => {
  world().answer.script([searched, forever])
  const { app, url } = await world().listen({
    settings: { ...world().deps.settings, backgroundBeatMs: 20 },
  })
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: world().key, maxRetries: 0 })
  const { id } = await client.responses.create({ input: 'x', background: true })
  await until(() => world().answer.questions.at(-1)?.answerId === id)
  const signal = world().answer.signals.at(-1)
  const cancelled = await client.responses.cancel(id)
  await until(() => signal?.aborted === true)
  await app.close()

  expect(cancelled.status).toBe('cancelled')
  expect((await responses().retrieve(id)).status).toBe('cancelled')
})

test('cancelling what has ended changes nothing', async () => {
  const { id } = await begin()
  await untilEnded(id)

  expect((await responses().cancel(id)).status).toBe('completed')
})

test('a failure is kept with its sentence', async () => {
  world().answer.script([searched, new AppError('provider_unavailable', 'The model is away.')])
  const { id } = await begin()

  expect(await untilEnded(id)).toMatchObject({
    status: 'failed',
    error: { code: 'server_error', message: 'The model is away.' },
  })
})

test('a server that stops says so in the response', async () => {
  world().answer.script([searched, forever])
  const { app, url } = await world().listen({})
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: world().key, maxRetries: 0 })
  const { id } = await client.responses.create({ input: 'x', background: true })
  await app.close()

  expect(await responses().retrieve(id)).toMatchObject({
    status: 'failed',
    error: { message: 'The server is being stopped; ask again in a moment.' },
  })
})

test('a response whose server died has failed for whoever looks', async () => {
  const { id } = await begin()
  const record = await untilEnded(id)
  // What a killed process leaves behind.
  const { output_text: _, ...response } = record
  const left = { ...response, status: 'in_progress', ragstone: { working_until: 1 } }
  await world().deps.database.transact(world().tenantId, (transaction) =>
    transaction.query('update responses set response = $2::jsonb where id = $1', [
      id,
      JSON.stringify(left),
    ]),
  )

  const found = await fetch(`${world().url}/v1/responses/${id}`, {
    headers: { authorization: `Bearer ${world().key}` },
  })
  expect(await found.json()).toMatchObject({
    status: 'failed',
    error: { message: expect.stringContaining('stopped before it had finished') },
  })
})

test('its conversation has the turn once it has ended, and not before', async () => {
  const { conversations } = world().client
  const { id: conversation } = await conversations.create({})
  const { id } = await responses().create({ input: 'How long?', background: true, conversation })
  await untilEnded(id)
  const items = await Array.fromAsync(conversations.items.list(conversation))

  expect(items.map(({ type }) => type)).toEqual(['message', 'file_search_call', 'message'])
})

const stream = () => responses().create({ input: 'How long?', background: true, stream: true })

test('one that is streamed has every event, and its end is kept before it is told', async () => {
  const events = await Array.fromAsync(await stream())
  const last = events.at(-1)
  if (last?.type !== 'response.completed') throw new Error(`It ended with ${last?.type}.`)

  expect(events.slice(0, 4)).toMatchObject([
    { type: 'response.created', response: { status: 'queued', background: true } },
    { type: 'response.queued' },
    { type: 'response.in_progress', response: { status: 'in_progress' } },
    { type: 'response.output_item.added' },
  ])
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index))
  expect((await responses().retrieve(last.response.id)).output).toEqual(last.response.output)
})

test('it is streamed again, with the same events, from wherever one was', async () => {
  const events = await Array.fromAsync(await stream())
  const [first] = events
  if (first?.type !== 'response.created') throw new Error('It did not begin.')
  const { id } = first.response
  const again = await responses().retrieve(id, { stream: true })
  const rest = await responses().retrieve(id, { stream: true, starting_after: 8 })

  expect(await Array.fromAsync(again)).toEqual(events)
  expect(await Array.fromAsync(rest)).toEqual(events.slice(9))
})

test('whoever goes away does not end it, and the stream helper takes it up again', async () => {
  const gate = Promise.withResolvers<void>()
  world().answer.script([searched, () => gate.promise, ...plainAnswer().slice(1)])
  const begun = await stream()
  let id = ''
  for await (const event of begun) {
    if (event.type === 'response.created') ({ id } = event.response)
    if (event.type === 'response.file_search_call.completed') break
  }
  const seen: number[] = []
  const helper = responses().stream({ response_id: id, starting_after: 5 })
  helper.on('event', (event) => seen.push(event.sequence_number))
  gate.resolve()
  const response = await helper.finalResponse()

  expect(response.output_text).toBe('Sixty days. [1]')
  expect(seen[0]).toBe(6)
})

test('another process streams what is written here, to its end', async () => {
  const gate = Promise.withResolvers<void>()
  world().answer.script([searched, { type: 'text', delta: 'Sixty' }, () => gate.promise])
  const { url } = await world().listen({})
  const other = new OpenAI({ baseURL: `${url}/v1`, apiKey: world().key, maxRetries: 0 })
  const begun = await stream()
  let id = ''
  for await (const event of begun) {
    if (event.type === 'response.created') ({ id } = event.response)
    if (event.type === 'response.output_text.delta') break
  }
  const types: string[] = []
  for await (const event of await other.responses.retrieve(id, { stream: true })) {
    types.push(event.type)
    if (event.type !== 'response.output_text.delta') continue
    await other.responses.cancel(id)
    gate.resolve()
  }

  expect(types.slice(0, 3)).toEqual(['response.created', 'response.queued', 'response.in_progress'])
  expect(types.at(-1)).toBe('response.output_text.delta')
})

test('only what was created to be streamed is', async () => {
  const { id } = await begin()
  await untilEnded(id)

  await expect(responses().retrieve(id, { stream: true })).rejects.toMatchObject({
    status: 400,
    param: 'stream',
  })
  await expect(responses().retrieve('resp_0', { stream: true })).rejects.toMatchObject({
    status: 404,
  })
})

test('no more run at once than may, and those over it are to come again', async () => {
  const gate = Promise.withResolvers<void>()
  world().answer.script([searched, () => gate.promise])
  const { url } = await world().listen({
    settings: { ...world().deps.settings, backgroundResponses: 2 },
  })
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: world().key, maxRetries: 0 })
  const ask = () => client.responses.create({ input: 'x', background: true })
  const { id } = await ask()
  await ask()
  const refusal = await ask().catch((error: unknown) => error)
  gate.resolve()
  await untilEnded(id)

  expect(refusal).toMatchObject({ status: 503, code: 'overloaded' })
  expect((refusal as InstanceType<typeof OpenAI.APIError>).headers?.get('retry-after')).toBe('5')
  await untilTaken(ask)
})

/** A place is free a moment after the end is kept. */
async function untilTaken(ask: () => Promise<unknown>): Promise<void> {
  await until(() =>
    ask().then(
      () => true,
      () => false,
    ),
  )
}

async function untilEnded(id: string): Promise<OpenAI.Responses.Response> {
  let response = await responses().retrieve(id)
  while (response.status === 'queued' || response.status === 'in_progress') {
    await sleep(20)
    response = await responses().retrieve(id)
  }
  return response
}

async function until(fact: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await fact())) await sleep(10)
}
