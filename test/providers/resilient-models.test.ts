import { afterEach, beforeEach, expect, test } from 'vitest'
import { createMeter } from '../../src/limits/meter.ts'
import { createFreeSpending } from '../free-spending.ts'
import { createExtractiveAnswerer } from '../../src/answer/generate/extractive-answerer.ts'
import { begin } from '../../src/answer/generate/begin.ts'
import { createAnswerers } from '../../src/app/answerers.ts'
import { createModelRegistry, type ChatModelEntry } from '../../src/providers/model-registry.ts'
import { createOpenAiCompatibleEmbedder } from '../../src/providers/openai-compatible-embedder.ts'
import { withChatBreaker } from '../../src/resilience/with-breaker.ts'
import { withChatRetries, withEmbeddingRetries } from '../../src/resilience/with-retries.ts'
import { exampleRequest } from '../answer/example-request.ts'
import { textOf } from '../fake-models.ts'
import { startFakeOpenAi, type FakeOpenAiServer } from '../fake-openai-server.ts'

// Providers and what is wrapped around them, as the server composes them, over real HTTP.

const RETRIES = { maxRetries: 2, initialDelayMs: 1, maxDelayMs: 1_500 }
const BREAKER = { threshold: 0.5, window: 4, minimumCalls: 2, openMs: 60_000 }
const NEVER = new AbortController().signal

let main: FakeOpenAiServer
let spare: FakeOpenAiServer

beforeEach(async () => {
  main = await startFakeOpenAi({ answer: 'from main' })
  spare = await startFakeOpenAi({ answer: 'from spare' })
})

afterEach(() => Promise.all([main.close(), spare.close()]))

const tokenizer = { count: (text: string) => text.length }
const extractive = createExtractiveAnswerer({ embedder: null, tokenizer })

function createChain() {
  const entry: ChatModelEntry = {
    name: 'main',
    provider: 'openai-compatible',
    base_url: main.baseUrl,
    api_key: null,
    model: 'fake-large',
    context_tokens: 8000,
    timeout_seconds: 1,
    price: null,
  }
  const registry = createModelRegistry({
    entries: [entry, { ...entry, name: 'spare', base_url: spare.baseUrl }],
    wrap: (model) => withChatRetries(withChatBreaker(model, BREAKER), RETRIES),
  })
  return createAnswerers({
    chat: (name) => registry.chat(name),
    extractive: () => extractive,
    settings: { models: [], defaultModel: 'main', fallbacks: ['spare'] },
    onFailure: () => undefined,
  })(null, createMeter(createFreeSpending()))
}

async function answer(first = createChain()): Promise<string> {
  const { events } = await begun(first)
  return textOf(await Array.fromAsync(events))
}

function begun(first = createChain()) {
  return begin({ first, fallback: extractive }, exampleRequest('Why?', []), NEVER)
}

test('a provider that stumbles is asked again, after the time it asked for', async () => {
  main.script({ status: 503, headers: { 'retry-after-ms': '50' } })
  expect(await answer()).toBe('from main')
  expect(main.requests).toHaveLength(2)
})

test('a provider that refuses our key is not asked again: the next model answers', async () => {
  main.script({ status: 401 })
  const { model, notices, events } = await begun()

  expect(textOf(await Array.fromAsync(events))).toBe('from spare')
  expect({ model, notices }).toEqual({
    model: 'spare',
    notices: ['The model main was not available; spare answered instead.'],
  })
  expect(main.requests).toHaveLength(1)
})

test('a provider that is down is left alone once its breaker has opened', async () => {
  main.script({ status: 500 }, { status: 500 })
  const chain = createChain()
  expect(await answer(chain)).toBe('from spare')
  expect(await answer(chain)).toBe('from spare')
  expect(main.requests).toHaveLength(2)
})

test('an answer that breaks off after its first text fails: nobody starts it anew', async () => {
  main.script({ steps: [{ text: 'from' }, { cut: true }] })
  await expect(answer()).rejects.toMatchObject({ code: 'provider_unavailable' })
  expect(main.requests).toHaveLength(1)
  expect(spare.requests).toHaveLength(0)
})

test('a reader who leaves ends the request under all of it', async () => {
  main.script({ steps: [{ text: 'from' }, { hang: true }] })
  for await (const _ of (await begun()).events) break
  await main.disconnected()
})

test('embeddings are asked for again in the same way', async () => {
  main.script({ status: 429, headers: { 'retry-after': '1' } })
  const embedder = createOpenAiCompatibleEmbedder({
    baseUrl: main.baseUrl,
    apiKey: null,
    model: 'fake-embedding',
    dimensions: 8,
    timeoutMs: 1_000,
    batchSize: 10,
  })
  const vectors = await withEmbeddingRetries(embedder, RETRIES).embed(['a'], { kind: 'query' })
  expect(vectors).toHaveLength(1)
})
