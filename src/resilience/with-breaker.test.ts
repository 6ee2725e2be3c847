import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { collect, createFakeChat, createFakeEmbedding, REQUEST } from '../../test/fake-models.ts'
import { AppError } from '../core/errors.ts'
import { withChatBreaker, withEmbeddingBreaker } from './with-breaker.ts'

const OPTIONS = { threshold: 0.5, window: 4, minimumCalls: 2, openMs: 60 }
const unavailable = new AppError('provider_unavailable', 'away')
const NEVER = new AbortController().signal

function embed(model: ReturnType<typeof withEmbeddingBreaker>, signal?: AbortSignal) {
  return model.embed(['a'], { kind: 'query', ...(signal === undefined ? {} : { signal }) })
}

async function opened(then: readonly (Error | string)[]) {
  const inner = createFakeEmbedding([unavailable, unavailable, ...then])
  const model = withEmbeddingBreaker(inner, OPTIONS)
  await expect(embed(model)).rejects.toBe(unavailable)
  await expect(embed(model)).rejects.toBe(unavailable)
  return { inner, model }
}

test('it opens after enough failures', async () => {
  const { model } = await opened([])
  expect(model.state()).toBe('open')
})

test('open, it refuses at once and says when to come back', async () => {
  const { inner, model } = await opened([])
  const error = await embed(model).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'provider_unavailable' })
  expect((error as AppError).retryAfterMs).toBeGreaterThan(0)
  expect((error as AppError).retryAfterMs).toBeLessThanOrEqual(OPTIONS.openMs)
  expect(inner.calls).toHaveLength(2)
})

test('a trial that succeeds closes it', async () => {
  const { model } = await opened(['ok'])
  await delay(OPTIONS.openMs + 5)
  await embed(model)
  expect(model.state()).toBe('closed')
})

test('a trial that fails opens it again', async () => {
  const { model } = await opened([unavailable])
  await delay(OPTIONS.openMs + 5)
  await expect(embed(model)).rejects.toBe(unavailable)
  expect(model.state()).toBe('open')
})

test('while the trial is under way others are refused at once', async () => {
  const { model } = await opened(['hang'])
  await delay(OPTIONS.openMs + 5)
  const controller = new AbortController()
  const trial = embed(model, controller.signal)
  expect(model.state()).toBe('half-open')
  await expect(embed(model)).rejects.toMatchObject({ code: 'provider_unavailable' })
  controller.abort(new Error('gone'))
  await expect(trial).rejects.toThrow('gone')
})

test('a trial whose caller went away leaves it open, not half-open', async () => {
  const { model } = await opened(['hang'])
  await delay(OPTIONS.openMs + 5)
  await expect(embed(model, AbortSignal.timeout(5))).rejects.toThrow()
  expect(model.state()).toBe('open')
})

test.each([
  new AppError('provider_rejected', 'no'),
  new AppError('rate_limited', 'slow down'),
  new Error('aborted by the caller'),
])('%s does not open it', async (error) => {
  const model = withEmbeddingBreaker(createFakeEmbedding([error]), OPTIONS)
  for (let call = 0; call < 6; call += 1) await expect(embed(model)).rejects.toBe(error)
  expect(model.state()).toBe('closed')
})

test('streams that break off in the middle open it', async () => {
  const model = withChatBreaker(createFakeChat([['a', unavailable]]), OPTIONS)
  await expect(collect(model.stream(REQUEST, NEVER))).rejects.toBe(unavailable)
  await expect(collect(model.stream(REQUEST, NEVER))).rejects.toBe(unavailable)
  expect(model.state()).toBe('open')
})

test('a trial stream closes it with its first text', async () => {
  const model = withChatBreaker(
    createFakeChat([[unavailable], [unavailable], ['a', 'hang']]),
    OPTIONS,
  )
  await expect(collect(model.stream(REQUEST, NEVER))).rejects.toBe(unavailable)
  await expect(collect(model.stream(REQUEST, NEVER))).rejects.toBe(unavailable)
  await delay(OPTIONS.openMs + 5)
  for await (const _ of model.stream(REQUEST, NEVER)) break
  expect(model.state()).toBe('closed')
})

test('readers who leave early do not open it', async () => {
  const model = withChatBreaker(createFakeChat([['a', 'b']]), OPTIONS)
  for (let call = 0; call < 6; call += 1) {
    for await (const _ of model.stream(REQUEST, NEVER)) break
  }
  expect(model.state()).toBe('closed')
})
