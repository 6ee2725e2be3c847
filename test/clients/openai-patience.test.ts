import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { AppError } from '../../src/core/errors.ts'
import { createFakeAnswer, plainAnswer, type Step } from '../http/fake-answer.ts'
import { useHttpWorld } from '../http/world.ts'

const world = useHttpWorld()
const BUSY = new AppError('rate_limited', 'Too many questions; ask again in a moment.', {
  retryAfterMs: 400,
})

/** The first questions fail or hang in turn, the next is answered. */
async function listenWith(troubles: readonly Step[]) {
  const fake = createFakeAnswer()
  const times: number[] = []
  const { url } = await world().listen({
    answer: (question, signal) => {
      const trouble = troubles[times.push(performance.now()) - 1]
      fake.script(trouble === undefined ? plainAnswer() : [trouble])
      return fake.answer(question, signal)
    },
  })
  const clientWith = (options: { maxRetries: number; timeout?: number }) =>
    new OpenAI({ baseURL: `${url}/v1`, apiKey: world().key, ...options })
  return { clientWith, fake, times }
}
const ask = { model: 'extractive', input: 'x' }

test('the client tries again, and not before it was told to', async () => {
  const { clientWith, times } = await listenWith([BUSY])
  const { status } = await clientWith({ maxRetries: 1 }).responses.create(ask)
  const [first = 0, second = 0] = times

  expect(status).toBe('completed')
  expect(second - first).toBeGreaterThanOrEqual(400)
})

test('a client out of retries is told to come back later', async () => {
  const { clientWith } = await listenWith([BUSY, BUSY])
  const failure = await clientWith({ maxRetries: 1 })
    .responses.create(ask)
    .then(
      () => undefined,
      (error: unknown) => error,
    )

  expect(failure).toBeInstanceOf(OpenAI.RateLimitError)
  expect((failure as InstanceType<typeof OpenAI.RateLimitError>).headers.get('retry-after')).toBe(
    '1',
  )
})

test('a client that has waited long enough ends the work and says so', async () => {
  const hang = (signal: AbortSignal) =>
    new Promise<void>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    })
  const { clientWith, fake } = await listenWith([hang])
  const answer = clientWith({ maxRetries: 0, timeout: 1_000 }).responses.create(ask)

  await expect(answer).rejects.toBeInstanceOf(OpenAI.APIConnectionTimeoutError)
  await expect.poll(() => fake.signals[0]?.aborted).toBe(true)
})
