import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import {
  collect,
  createFakeChat,
  createFakeEmbedding,
  REQUEST,
  textOf,
} from '../../test/fake-models.ts'
import { withChatTimeout, withEmbeddingTimeout } from './with-timeout.ts'

const NEVER = new AbortController().signal

test('an embedding that takes too long is given up and aborted', async () => {
  const model = createFakeEmbedding(['hang'])
  await expect(
    withEmbeddingTimeout(model, 20).embed(['a'], { kind: 'query' }),
  ).rejects.toMatchObject({ code: 'provider_unavailable' })
  expect(model.calls[0]?.aborted).toBe(true)
})

test("the caller's own abort keeps its reason", async () => {
  const model = createFakeEmbedding(['hang'])
  const signal = AbortSignal.abort(new Error('gone'))
  await expect(
    withEmbeddingTimeout(model, 1000).embed(['a'], { kind: 'query', signal }),
  ).rejects.toThrow('gone')
})

test.each([[['hang']], [['a', 'hang']]])(
  'a stream that falls silent (%j) is given up',
  async (script) => {
    const model = createFakeChat([script])
    await expect(collect(withChatTimeout(model, 20).stream(REQUEST, NEVER))).rejects.toMatchObject({
      code: 'provider_unavailable',
    })
    expect(model.calls[0]?.aborted).toBe(true)
  },
)

test('a slow reader is not the model to blame', async () => {
  const events = []
  for await (const event of withChatTimeout(createFakeChat([['a', 'b']]), 20).stream(
    REQUEST,
    NEVER,
  )) {
    events.push(event)
    await delay(40)
  }
  expect(textOf(events)).toBe('ab')
})

test('a reader who leaves ends the work', async () => {
  const model = createFakeChat([['a', 'hang']])
  for await (const _ of withChatTimeout(model, 1000).stream(REQUEST, NEVER)) break
  expect(model.calls[0]?.aborted).toBe(true)
})
