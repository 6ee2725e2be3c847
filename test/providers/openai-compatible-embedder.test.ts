import { afterEach, beforeEach, expect, test } from 'vitest'
import { createOpenAiCompatibleEmbedder } from '../../src/providers/openai-compatible-embedder.ts'
import {
  embeddingsBody,
  fakeVector,
  startFakeOpenAi,
  type FakeOpenAiServer,
} from '../fake-openai-server.ts'

let server: FakeOpenAiServer

beforeEach(async () => {
  server = await startFakeOpenAi({ dimensions: 8 })
})

afterEach(() => server.close())

function createEmbedder(
  options: { readonly apiKey?: string | null; readonly sendDimensions?: boolean } = {},
) {
  return createOpenAiCompatibleEmbedder({
    baseUrl: server.baseUrl,
    apiKey: 'sk-test-secret-key',
    model: 'fake-embedding',
    dimensions: 8,
    timeoutMs: 300,
    batchSize: 2,
    ...options,
  })
}

function embed(texts: readonly string[], signal?: AbortSignal) {
  return createEmbedder().embed(texts, {
    kind: 'passage',
    ...(signal === undefined ? {} : { signal }),
  })
}

test('vectors come in the order of the texts, at unit length', async () => {
  const vectors = await embed(['alpha', 'beta', 'gamma'])
  for (const [index, text] of ['alpha', 'beta', 'gamma'].entries()) {
    const raw = fakeVector(text, 8)
    const length = Math.hypot(...raw)
    expect([...(vectors[index] ?? [])]).toEqual(raw.map((value) => Math.fround(value / length)))
  }
})

test('texts are sent in batches, with the key and the model', async () => {
  await embed(['a', 'b', 'c'])
  expect(server.requests.map(({ body }) => body['input'])).toEqual([['a', 'b'], ['c']])
  expect(server.requests[0]?.headers.authorization).toBe('Bearer sk-test-secret-key')
  expect(server.requests[0]?.body).toMatchObject({
    model: 'fake-embedding',
    encoding_format: 'float',
  })
  expect(server.requests[0]?.body).not.toHaveProperty('dimensions')
})

test('a service without a key is sent none', async () => {
  await createEmbedder({ apiKey: null }).embed(['a'], { kind: 'query' })
  expect(server.requests[0]?.headers).not.toHaveProperty('authorization')
})

test('dimensions are sent to models that can shorten their vectors', async () => {
  await createEmbedder({ sendDimensions: true }).embed(['a'], { kind: 'query' })
  expect(server.requests[0]?.body).toMatchObject({ dimensions: 8 })
})

test('vectors are matched to texts by their index, not by their place', async () => {
  const data = [
    { index: 1, embedding: fakeVector('b', 8) },
    { index: 0, embedding: fakeVector('a', 8) },
  ]
  server.script({ body: { data } })
  const shuffled = await embed(['a', 'b'])
  expect(shuffled).toEqual(await embed(['a', 'b']))
})

test.each([
  ['too few vectors', embeddingsBody(['a'], 8)],
  ['the wrong dimensions', embeddingsBody(['a', 'b'], 9)],
  ['no list', { data: 'nothing' }],
  ['no JSON', '<html>welcome</html>'],
  ['null items', { data: [null, null] }],
  ['words for numbers', { data: [{ embedding: ['NaN'] }, { embedding: ['NaN'] }] }],
  [
    'null for numbers',
    { data: [0, 1].map((index) => ({ index, embedding: Array(8).fill(null) })) },
  ],
  ['infinite numbers', `{"data":[{"embedding":[1e999]},{"embedding":[1e999]}]}`],
  ['zero vectors', { data: [0, 1].map((index) => ({ index, embedding: Array(8).fill(0) })) }],
  ['an index twice', { data: [0, 0].map((index) => ({ index, embedding: Array(8).fill(1) })) }],
])('nonsense (%s) is rejected', async (_, body) => {
  server.script({ body })
  await expect(embed(['a', 'b'])).rejects.toMatchObject({ code: 'provider_rejected' })
})

test.each([
  [401, 'provider_rejected'],
  [403, 'provider_rejected'],
  [404, 'provider_rejected'],
  [400, 'provider_rejected'],
  [429, 'rate_limited'],
  [500, 'provider_unavailable'],
  [503, 'provider_unavailable'],
])('HTTP %i is %s', async (status, code) => {
  server.script({ status, body: { error: { message: 'Incorrect key: sk-test-secret-key' } } })
  const error = await embed(['a']).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code })
  expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain('sk-test')
})

test('silence beyond the limit is provider_unavailable', async () => {
  server.script({ delayMs: 5_000 })
  await expect(embed(['a'])).rejects.toMatchObject({ code: 'provider_unavailable' })
})

test('aborting keeps its reason and breaks off the request', async () => {
  server.script({ delayMs: 5_000 })
  const controller = new AbortController()
  const embedding = embed(['a'], controller.signal)
  setTimeout(() => controller.abort(new Error('gone')), 50)
  await expect(embedding).rejects.toThrow('gone')
  await server.disconnected()
})

test('a server that is not there is provider_unavailable', async () => {
  await server.close()
  await expect(embed(['a'])).rejects.toMatchObject({ code: 'provider_unavailable' })
})
