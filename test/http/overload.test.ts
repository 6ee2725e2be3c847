import { setTimeout as delay } from 'node:timers/promises'
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { createAdmission } from '../../src/limits/admission/admission.ts'
import { createAdmittedAnswer } from '../../src/limits/admission/admitted-answer.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()

/** A server whose process is over one of its limits. */
async function pressed() {
  const pressure = { maxEventLoopDelayMs: 0, maxHeapBytes: 0, maxResidentBytes: 1 }
  const { url } = await world().listen({ settings: { ...world().deps.settings, pressure } })
  // A few samples, on a machine that is late with its timers too.
  await delay(1_000)
  return (path: string, body?: object) =>
    fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${world().key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    })
}

test('a process at its limits takes on no work, and says when to come back', async () => {
  const call = await pressed()
  const refused = await call('/v1/responses', { input: 'Which?' })

  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2'])
  expect(await refused.json()).toMatchObject({ error: { code: 'overloaded' } })
})

test('a process at its limits can still be looked at', async () => {
  const call = await pressed()

  expect([(await call('/v1/models')).status, (await call('/livez')).status]).toEqual([200, 200])
})

test('a question for which there is no room is told when to ask again, and the client does', async () => {
  const admission = createAdmission({ concurrentAnswers: 1, queueLength: 0, patienceMs: 60_000 })
  const { url } = await world().listen({
    answer: createAdmittedAnswer({
      answer: world().deps.answer,
      admission,
      writesHere: () => true,
      openAnswers: 10,
    }),
  })
  const client = (maxRetries: number) =>
    new OpenAI({ baseURL: `${url}/v1`, apiKey: world().key, maxRetries })
  const ticket = { tenantId: 'ten_other', priority: 0, background: false }
  const leave = await admission.enter(ticket, new AbortController().signal)
  const ask = (retries: number) => client(retries).responses.create({ input: 'Which?' })

  await expect(ask(0)).rejects.toMatchObject({ status: 503, code: 'overloaded' })
  setTimeout(leave, 300)
  expect(await ask(2)).toMatchObject({ status: 'completed' })
})
