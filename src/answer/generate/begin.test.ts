import { expect, test } from 'vitest'
import { exampleChunk } from '../../../test/answer/example-chunk.ts'
import { exampleRequest } from '../../../test/answer/example-request.ts'
import { createFakeChatModel, type FakeChatModelOptions } from '../../../test/fake-chat-model.ts'
import { AppError, type ErrorCode } from '../../core/errors.ts'
import type { AnswererRequest } from './answerer.ts'
import { begin } from './begin.ts'
import { createGenerativeAnswerer } from './generative-answerer.ts'

const REQUEST = exampleRequest('Why?', [exampleChunk('Because.')])
const AWAY = { after: 0, error: new AppError('provider_unavailable', 'Away.') }

test.each<ErrorCode>(['provider_unavailable', 'rate_limited', 'provider_rejected'])(
  '%s before the first words: the fallback answers, and the reader is told',
  async (code) => {
    const failure = { after: 0, error: new AppError(code, 'Away.') }
    const generation = await beginWith({ id: 'large', failure })

    expect(generation.model).toBe('fallback')
    expect(generation.notices).toEqual([
      "The model large was not available; these are the passages' own words.",
    ])
    expect(await textOf(generation.events)).toBe('own words')
  },
)

test('the next model of the chain answers, and the reader is told its name and who was away', async () => {
  const generation = await beginWith({ id: 'large', failure: AWAY }, [
    { id: 'middle', failure: AWAY },
    { id: 'small', deltas: ['yes'] },
  ])

  expect(generation.model).toBe('small')
  expect(generation.notices).toEqual([
    'The models large and middle were not available; small answered instead.',
  ])
})

test('an answer in a format is not replaced by sentences: the failure is thrown', async () => {
  const request = { ...REQUEST, format: { type: 'json_object' } } as const

  await expect(beginWith({ failure: AWAY }, [], request)).rejects.toMatchObject({
    code: 'provider_unavailable',
  })
})

test.each(['required', { name: 'look_up' }] as const)(
  'a tool that must be called (%j) is not replaced by sentences',
  async (choice) => {
    const request = { ...REQUEST, tools: { functions: [], choice, parallel: null } }

    await expect(beginWith({ failure: AWAY }, [], request)).rejects.toMatchObject({
      code: 'provider_unavailable',
    })
  },
)

test('a failure after the first words is thrown', async () => {
  const failure = { after: 1, error: new AppError('provider_unavailable', 'Away.') }
  const { events } = await beginWith({ deltas: ['a', 'b'], failure })

  await expect(textOf(events)).rejects.toMatchObject({ code: 'provider_unavailable' })
})

test('a question that the model cannot hold is the caller’s to mend', async () => {
  await expect(beginWith({ contextTokens: 10 })).rejects.toMatchObject({
    code: 'context_length_exceeded',
  })
})

test('a fault of our own is not hidden by the fallback', async () => {
  const failure = { after: 0, error: new TypeError('bug') }

  await expect(beginWith({ failure })).rejects.toThrow('bug')
})

function beginWith(
  options: FakeChatModelOptions,
  others: readonly FakeChatModelOptions[] = [],
  request: AnswererRequest = REQUEST,
) {
  const first = {
    ...createGenerativeAnswerer({ model: createFakeChatModel(options) }),
    fallbacks: others.map((other) =>
      createGenerativeAnswerer({ model: createFakeChatModel(other) }),
    ),
  }
  const model = createFakeChatModel({ id: 'fallback', deltas: ['own ', 'words'] })
  const fallback = createGenerativeAnswerer({ model })
  return begin({ first, fallback }, request, new AbortController().signal)
}

async function textOf(events: Awaited<ReturnType<typeof beginWith>>['events']): Promise<string> {
  let text = ''
  for await (const event of events) if (event.type === 'text') text += event.text
  return text
}
