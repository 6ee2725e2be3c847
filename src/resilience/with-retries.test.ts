import { expect, test } from 'vitest'
import {
  collect,
  createFakeChat,
  createFakeEmbedding,
  REQUEST,
  textOf,
} from '../../test/fake-models.ts'
import { AppError } from '../core/errors.ts'
import { withChatRetries, withEmbeddingRetries } from './with-retries.ts'

const FAST = { maxRetries: 3, initialDelayMs: 1, maxDelayMs: 200 }
const unavailable = new AppError('provider_unavailable', 'away')
const rejected = new AppError('provider_rejected', 'no')
const NEVER = new AbortController().signal

test('an embedding that fails in passing is tried again', async () => {
  const model = createFakeEmbedding([unavailable, unavailable, 'ok'])
  const vectors = await withEmbeddingRetries(model, FAST).embed(['a'], { kind: 'query' })
  expect(vectors).toHaveLength(1)
  expect(model.calls).toHaveLength(3)
})

test('the error goes to the caller when the retries are used up', async () => {
  const model = createFakeEmbedding([unavailable])
  await expect(withEmbeddingRetries(model, FAST).embed(['a'], { kind: 'query' })).rejects.toBe(
    unavailable,
  )
  expect(model.calls).toHaveLength(4)
})

test.each([rejected, new TypeError('bug')])('%s is not tried again', async (error) => {
  const model = createFakeEmbedding([error, 'ok'])
  await expect(withEmbeddingRetries(model, FAST).embed(['a'], { kind: 'query' })).rejects.toBe(
    error,
  )
  expect(model.calls).toHaveLength(1)
})

test('a retry waits at least as long as the provider asks', async () => {
  const limited = new AppError('rate_limited', 'slow down', { retryAfterMs: 120 })
  const model = createFakeEmbedding([limited, 'ok'])
  const start = performance.now()
  await withEmbeddingRetries(model, FAST).embed(['a'], { kind: 'query' })
  expect(performance.now() - start).toBeGreaterThanOrEqual(115)
})

test('a provider that asks for more than the longest wait is not waited for', async () => {
  const limited = new AppError('rate_limited', 'slow down', { retryAfterMs: 60_000 })
  const model = createFakeEmbedding([limited, 'ok'])
  await expect(withEmbeddingRetries(model, FAST).embed(['a'], { kind: 'query' })).rejects.toBe(
    limited,
  )
  expect(model.calls).toHaveLength(1)
})

test('aborting ends the wait between two attempts', async () => {
  const limited = new AppError('rate_limited', 'slow down', { retryAfterMs: 100 })
  const model = createFakeEmbedding([limited, 'ok'])
  const controller = new AbortController()
  const embedding = withEmbeddingRetries(model, FAST).embed(['a'], {
    kind: 'query',
    signal: controller.signal,
  })
  setTimeout(() => controller.abort(new Error('gone')), 10)
  await expect(embedding).rejects.toThrow('gone')
  await new Promise((resolve) => setTimeout(resolve, 150))
  expect(model.calls).toHaveLength(1)
})

test('a stream that fails before its first text is tried again, and given whole', async () => {
  const model = createFakeChat([[unavailable], ['a', 'b']])
  const events = await collect(withChatRetries(model, FAST).stream(REQUEST, NEVER))
  expect(textOf(events)).toBe('ab')
  expect(events.at(-1)?.type).toBe('finish')
})

test('a stream that fails after its first text is not tried again', async () => {
  const model = createFakeChat([['a', unavailable], ['b']])
  await expect(collect(withChatRetries(model, FAST).stream(REQUEST, NEVER))).rejects.toBe(
    unavailable,
  )
  expect(model.calls).toHaveLength(1)
})
