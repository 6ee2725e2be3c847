import { setTimeout as delay } from 'node:timers/promises'
import { once } from 'node:events'
import { connect } from 'node:net'
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { CallerGone } from '../../src/http/calls.ts'
import { createFakeAnswer, finishedWith, plainAnswer, searched } from './fake-answer.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()

/** Never ends by itself. */
const hang = (signal: AbortSignal) =>
  new Promise<void>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })

const post = (url: string, body: object, signal?: AbortSignal) =>
  fetch(`${url}/v1/responses`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world().key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ input: 'x', ...body }),
    signal: signal ?? null,
  })

async function listenWith(steps: Parameters<ReturnType<typeof createFakeAnswer>['script']>[0]) {
  const fake = createFakeAnswer()
  fake.script(steps)
  return { fake, ...(await world().listen({ answer: fake.answer })) }
}

const settled = async (check: () => boolean) => {
  while (!check()) await delay(5)
}

test('a stream is sent with the headers that keep it a stream', async () => {
  const { headers } = await post(world().url, { stream: true })

  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    'x-request-id': expect.stringMatching(/^req_/),
  })
})

test('a silent stream is kept alive with comments', async () => {
  const { url } = await listenWith([searched, () => delay(150), finishedWith()])
  const text = await (await post(url, { stream: true })).text()

  expect(text).toContain(': keep-alive\n\n')
})

test('a caller who leaves a stream ends the work', async () => {
  const { fake, url } = await listenWith([searched, hang])
  const caller = new AbortController()
  const response = await post(url, { stream: true }, caller.signal)
  await response.body?.getReader().read()
  caller.abort()
  await settled(() => fake.signals[0]?.aborted === true)

  expect(fake.signals[0]?.reason).toBeInstanceOf(CallerGone)
})

test('a caller who leaves before the answer ends the work', async () => {
  const { fake, url } = await listenWith([hang])
  const caller = new AbortController()
  const answer = post(url, {}, caller.signal)
  await settled(() => fake.signals.length === 1)
  caller.abort()
  await expect(answer).rejects.toThrow()
  await settled(() => fake.signals[0]?.aborted === true)

  expect(fake.signals[0]?.reason).toBeInstanceOf(CallerGone)
})

test('an answer that is through has not aborted anything', async () => {
  const { fake, url } = await listenWith(plainAnswer())
  await (await post(url, { stream: true })).text()
  await delay(20)

  expect(fake.signals[0]?.aborted).toBe(false)
})

test('a stream within the grace is finished before the server stops', async () => {
  const { app, fake, url } = await listenWith([searched, () => delay(50), finishedWith()])
  const response = await post(url, { stream: true })
  const [text] = await Promise.all([response.text(), app.close()])

  expect(text).toContain('response.completed')
  expect(fake.signals[0]?.aborted).toBe(false)
})

test('a stream beyond the grace is told that the server stops', async () => {
  const { app, url } = await listenWith([searched, hang])
  const response = await post(url, { stream: true })
  const [text] = await Promise.all([response.text(), app.close()])

  expect(text).toMatch(/response\.failed.*The server is being stopped/)
})

test('an answer beyond the grace is told that the server stops', async () => {
  const { app, fake, url } = await listenWith([hang])
  const answer = post(url, {})
  await settled(() => fake.signals.length === 1)
  const [response] = await Promise.all([answer, app.close()])

  expect([response.status, await response.json()]).toMatchObject([
    503,
    { error: { code: 'shutting_down' } },
  ])
})

test('a stopping server takes no new calls, and says so to load balancers', async () => {
  const { app, url } = await listenWith([searched, hang])
  await (await post(url, { stream: true })).body?.getReader().read()
  const closed = app.close()
  const [refused, ready, live] = await Promise.all([
    post(url, {}),
    fetch(`${url}/readyz`),
    fetch(`${url}/livez`),
  ])
  await closed

  expect([refused.status, ready.status, live.status]).toEqual([503, 503, 200])
  expect(refused.headers.get('retry-after')).toBe('2')
})

test('a caller who does not read holds the answer back', async () => {
  const pieces = 2_000
  let told = 0
  const piece = { type: 'text' as const, delta: 'x'.repeat(10_000) }
  const count = async () => {
    told += 1
  }
  const { app, url } = await listenWith([
    searched,
    ...Array.from({ length: pieces }, () => [piece, count]).flat(),
    finishedWith(),
  ])
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.pause()
  const body = JSON.stringify({ input: 'x', stream: true })
  socket.write(
    `POST /v1/responses HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${world().key}\r\n` +
      `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
  await settled(() => told > 0)
  await delay(300)
  const held = told
  socket.destroy()
  await app.close()

  expect(held).toBeLessThan(pieces)
})

test('the client gives up a stream and the server goes on', async () => {
  const { url, fake } = await listenWith([searched, { type: 'text', delta: 'a' }, hang])
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: world().key })
  for await (const event of await client.responses.create({ input: 'x', stream: true })) {
    if (event.type === 'response.output_text.delta') break
  }
  await settled(() => fake.signals[0]?.aborted === true)

  expect((await fetch(`${url}/readyz`)).status).toBe(200)
})
