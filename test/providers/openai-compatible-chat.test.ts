import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createOpenAiCompatibleChat } from '../../src/providers/openai-compatible-chat.ts'
import { collect, REQUEST, textOf } from '../fake-models.ts'
import {
  startFakeOpenAi,
  STOP,
  type FakeOpenAiServer,
  type ScriptedAnswer,
} from '../fake-openai-server.ts'

let server: FakeOpenAiServer

beforeEach(async () => {
  server = await startFakeOpenAi()
})

afterEach(() => server.close())

const NEVER = new AbortController().signal

function createChat(
  options: { readonly apiKey?: string | null; readonly headers?: Record<string, string> } = {},
) {
  return createOpenAiCompatibleChat({
    name: 'main',
    baseUrl: server.baseUrl,
    apiKey: 'sk-test-secret-key',
    model: 'fake-large',
    contextTokens: 8000,
    timeoutMs: 200,
    ...options,
  })
}

function ask(answer: ScriptedAnswer, signal: AbortSignal = NEVER) {
  server.script(answer)
  return collect(createChat().stream(REQUEST, signal))
}

async function failure(answer: ScriptedAnswer): Promise<unknown> {
  return ask(answer).then(
    () => null,
    (error: unknown) => error,
  )
}

test('text streams as it comes, and ends with the usage the provider states', async () => {
  const events = await ask({ steps: [{ text: 'Because ' }, { text: 'so.' }, ...STOP] })
  expect(events).toEqual([
    { type: 'text', text: 'Because ' },
    { type: 'text', text: 'so.' },
    {
      type: 'finish',
      reason: 'stop',
      usage: { inputTokens: 11, outputTokens: 7, cachedTokens: 0 },
    },
  ])
})

test('the first text is there before the last is written', async () => {
  server.script({ steps: [{ text: 'first' }, { hang: true }] })
  for await (const event of createChat().stream(REQUEST, NEVER)) {
    expect(event).toEqual({ type: 'text', text: 'first' })
    break
  }
})

test('the request carries system, messages, settings, key and headers', async () => {
  const chat = createChat({ headers: { 'x-team': 'docs' } })
  const request = { ...REQUEST, maxOutputTokens: 50, temperature: 0.2, topP: 0.9 }
  await collect(chat.stream(request, NEVER))
  expect(server.requests[0]).toMatchObject({
    path: '/v1/chat/completions',
    headers: { authorization: 'Bearer sk-test-secret-key', 'x-team': 'docs' },
    body: {
      model: 'fake-large',
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 50,
      temperature: 0.2,
      top_p: 0.9,
      messages: [
        { role: 'system', content: 'Answer.' },
        { role: 'user', content: 'Why?' },
      ],
    },
  })
})

test('a service without a key is sent none', async () => {
  await collect(createChat({ apiKey: null }).stream(REQUEST, NEVER))
  expect(server.requests[0]?.headers).not.toHaveProperty('authorization')
})

test.each([1, 3, 7])('pieces of %i bytes make the same text', async (pieceBytes) => {
  const events = await ask({
    steps: [{ text: 'Größe: 人工' }, { text: '🙂.' }, ...STOP],
    pieceBytes,
  })
  expect(textOf(events)).toBe('Größe: 人工🙂.')
})

test('without usage from the provider, four characters are a token', async () => {
  const steps = [{ text: 'x'.repeat(40) }, { finish: 'stop' }, { done: true }] as const
  expect((await ask({ steps })).at(-1)).toMatchObject({
    usage: { inputTokens: 3, outputTokens: 10 },
  })
})

test.each([
  ['length', 'length'],
  ['content_filter', 'content_filter'],
  ['stop', 'stop'],
  ['something_new', 'stop'],
])('finish reason %s is %s', async (theirs, ours) => {
  const events = await ask({ steps: [{ text: 'a' }, { finish: theirs }, { done: true }] })
  expect(events.at(-1)).toMatchObject({ reason: ours })
})

test.each([
  [401, {}, ['provider_rejected', 'api_key']],
  [403, {}, ['provider_rejected', 'api_key']],
  [404, {}, ['provider_rejected', 'base_url']],
  [400, {}, ['provider_rejected', 'refused the request']],
  [400, { code: 'context_length_exceeded' }, ['context_length_exceeded', 'too long']],
  [402, {}, ['provider_rejected', 'billing']],
  [429, { code: 'insufficient_quota' }, ['provider_rejected', 'billing']],
  [429, {}, ['rate_limited', 'limiting']],
  [500, {}, ['provider_unavailable', 'Try again']],
  [503, {}, ['provider_unavailable', 'Try again']],
])('HTTP %i with %j is %j', async (status, details, [code, advice = '']) => {
  const message = 'Incorrect API key provided: sk-test-secret-key.'
  const error = await failure({ status, body: { error: { message, ...details } } })
  expect(error).toMatchObject({ code, message: expect.stringContaining(advice) })
  expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain('sk-test')
  expect(server.requests).toHaveLength(1)
})

test.each([
  [{ 'retry-after': '7' }, 7000],
  [{ 'retry-after-ms': '1500' }, 1500],
])('a limit with %j says when to come back', async (headers, retryAfterMs) => {
  const error = await failure({ status: 429, headers, body: { error: { message: 'slow' } } })
  expect(error).toMatchObject({ code: 'rate_limited', retryAfterMs })
})

test('Retry-After as a date is understood', async () => {
  const headers = { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }
  const error = await failure({ status: 503, headers, body: '' })
  expect((error as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(50_000)
})

test.each<[string, ScriptedAnswer]>([
  ['cut off', { steps: [{ text: 'a' }, { cut: true }] }],
  ['ended without a finish', { steps: [{ text: 'a' }] }],
  ['no stream at all', { body: '<html>welcome</html>' }],
  ['broken JSON', { steps: [{ raw: 'data: {"choi\n\n' }, ...STOP] }],
  ['an error event', { steps: [{ event: { error: { message: 'overloaded', code: 500 } } }] }],
  ['silent from the start', { steps: [{ hang: true }] }],
  ['silent in the middle', { steps: [{ text: 'a' }, { hang: true }] }],
  ['no status line in time', { delayMs: 5_000 }],
])('a stream that is %s is provider_unavailable', async (_, answer) => {
  expect(await failure(answer)).toMatchObject({ code: 'provider_unavailable' })
})

test.each([
  [{ type: 'rate_limit_error', code: 'rate_limit_exceeded' }, 'rate_limited'],
  [{ code: 429 }, 'rate_limited'],
  [{ code: 'context_length_exceeded' }, 'context_length_exceeded'],
  [{ code: 401 }, 'provider_rejected'],
])('an error event with %j is %s', async (details, code) => {
  const event = { error: { message: 'no', ...details } }
  expect(await failure({ steps: [{ event }] })).toMatchObject({ code })
})

test('the error keeps nothing of the prompt and nothing of the key', async () => {
  const error = await failure({ steps: [{ text: 'a' }, { cut: true }] })
  const cause = (error as Error).cause
  expect(JSON.stringify([cause, { ...(cause as object) }, String(cause)])).not.toMatch(
    /Why|sk-test/,
  )
})

test('a server that is not there is provider_unavailable', async () => {
  await server.close()
  await expect(collect(createChat().stream(REQUEST, NEVER))).rejects.toMatchObject({
    code: 'provider_unavailable',
  })
})

test('a slow reader does not run into the limit', async () => {
  server.script({ steps: [{ text: 'a' }, { text: 'b' }, ...STOP] })
  const events = []
  for await (const event of createChat().stream(REQUEST, NEVER)) {
    events.push(event)
    await delay(250)
  }
  expect(textOf(events)).toBe('ab')
})

test('aborting keeps its reason, and the provider sees the client go', async () => {
  const controller = new AbortController()
  server.script({ steps: [{ text: 'a' }, { hang: true }] })
  const stream = createChat().stream(REQUEST, controller.signal)
  const reading = (async () => {
    for await (const _ of stream) controller.abort(new Error('gone'))
  })()
  await expect(reading).rejects.toThrow('gone')
  await server.disconnected()
})

test('aborting before the provider has said anything breaks off the request', async () => {
  const controller = new AbortController()
  const asking = ask({ delayMs: 5_000 }, controller.signal)
  setTimeout(() => controller.abort(new Error('gone')), 50)
  await expect(asking).rejects.toThrow('gone')
  await server.disconnected()
})

test('a reader who leaves early ends the request too', async () => {
  server.script({ steps: [{ text: 'a' }, { hang: true }] })
  for await (const _ of createChat().stream(REQUEST, NEVER)) break
  await server.disconnected()
})
