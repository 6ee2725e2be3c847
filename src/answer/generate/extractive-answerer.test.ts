import { expect, test } from 'vitest'
import { exampleChunk } from '../../../test/answer/example-chunk.ts'
import { exampleRequest } from '../../../test/answer/example-request.ts'
import type { RankedChunk } from '../../core/answer.ts'
import { AppError } from '../../core/errors.ts'
import type { GenerateEvent } from '../../core/ports/chat-model.ts'
import type { EmbeddingModel } from '../../core/ports/embedding-model.ts'
import { ABSTENTION, type AnswererRequest } from './answerer.ts'
import { createExtractiveAnswerer } from './extractive-answerer.ts'

const RETURNS = `Our shop was founded in 1987 by two sisters. Customers may return any product within 14 days of
delivery. They pay the postage themselves. The kitchen is closed on Mondays.`
const tokenizer = { count: (text: string) => text.split(/\s+/).filter(Boolean).length }

test('the sentence that answers is given word for word, wrapped lines joined, with its number', async () => {
  const { text } = await answerOf('Within how many days may customers return a product?', [
    exampleChunk('The weather was fine all week. Nobody complained about it.'),
    exampleChunk(RETURNS),
  ])

  expect(text).toBe('Customers may return any product within 14 days of delivery. [2]')
})

test('a question for a time prefers the sentence that has one', async () => {
  const { text } = await answerOf('When was the shop founded?', [
    exampleChunk(
      'The shop was founded by two sisters, of whom little is known today. The shop was founded in 1987.',
    ),
  ])

  expect(text).toContain('The shop was founded in 1987. [1]')
})

test('a sentence that only says "it" brings the one before along', async () => {
  const { text } = await answerOf('How tall is the tower, in metres?', [
    exampleChunk(
      'The tower stands by the river. It is 93 metres tall. Tickets are sold at the gate.',
    ),
  ])

  expect(text).toBe('The tower stands by the river. It is 93 metres tall. [1]')
})

test('a row of a table comes with the table’s header', async () => {
  const table = '| Quarter | Net sales |\n|---|---|\n| Q2 2022 | 82,959 |\n| Q2 2023 | 81,797 |'
  const { text } = await answerOf('What were net sales in Q2 2023?', [exampleChunk(table)])

  expect(text).toContain('| Quarter | Net sales |\n|---|---|\n| Q2 2023 | 81,797 | [1]')
})

test('a header of several lines comes whole, and the first row of figures is an answer too', async () => {
  const table =
    'In millions | Three Months Ended\n | 2022 | 2021\nProducts | $ 63,355 | $ 63,948\nServices | 19,604 | 17,486'
  const { text } = await answerOf('What were the sales of products?', [exampleChunk(table)])

  expect(text).toBe(
    'In millions | Three Months Ended\n | 2022 | 2021\nProducts | $ 63,355 | $ 63,948 [1]',
  )
})

test('a sentence that announces a list brings the list', async () => {
  const list = 'You need the following documents for the journey:\n\n- a passport\n- a visa'
  const { text } = await answerOf('Which documents do I need for the journey?', [
    exampleChunk(list),
  ])

  expect(text).toBe(`${list} [1]`)
})

test('a title is not an answer', async () => {
  const { text } = await answerOf('What is the effective tax rate?', [
    exampleChunk(
      'Effective tax rate\n\nOur effective tax rate was lower than the statutory rate of 21%.',
    ),
  ])

  expect(text).toBe('Our effective tax rate was lower than the statutory rate of 21%. [1]')
})

test('code that its passage breaks off is closed, so that what follows is not taken for code', async () => {
  const cut = 'To return a product, customers send:\n\n```sh\ncurl /return --product 7'
  const { text } = await answerOf('How do customers return a product?', [
    exampleChunk(cut, { chunkId: '1' }),
    exampleChunk('Customers return a product at the counter.', { chunkId: '2' }),
  ])

  expect(text).toContain('curl /return --product 7\n```\n [1]')
  expect(text).toContain('Customers return a product at the counter. [2]')
})

test('what two passages both say is said once', async () => {
  const { text } = await answerOf('Within how many days may customers return a product?', [
    exampleChunk('Customers may return any product within 14 days of delivery.', { chunkId: '1' }),
    exampleChunk('Customers may return any product within 14 days of the delivery.', {
      chunkId: '2',
    }),
  ])

  expect(text.match(/\[\d\]/g)).toHaveLength(1)
})

test('it stops at the token budget and says so', async () => {
  const { text, reason, outputTokens } = await answerOf(
    'Within how many days may customers return a product?',
    [exampleChunk(RETURNS)],
    { maxOutputTokens: 5 },
  )

  expect(text).toBe('Customers may return any product')
  expect({ reason, outputTokens }).toEqual({ reason: 'length', outputTokens: 5 })
})

test('an embedding model that is away leaves the choice to the words', async () => {
  const away: EmbeddingModel = {
    id: 'away',
    dimensions: 2,
    maxTokens: 10,
    embed: () => Promise.reject(new AppError('provider_unavailable', 'Away.')),
  }
  const { text } = await answerOf('When may a product be returned?', [exampleChunk(RETURNS)], {
    embedder: away,
  })

  expect(text).toContain('14 days')
})

test('when no sentence speaks of what was asked, the documents do not say', async () => {
  const { text } = await answerOf('Which chess opening did the champion prefer?', [
    exampleChunk(RETURNS),
  ])

  expect(text).toBe(ABSTENTION)
})

test('it streams a sentence at a time', async () => {
  const { events } = await answerOf(
    'What do customers pay when they return a product within 14 days?',
    [
      exampleChunk(
        'Customers may return a product. Customers pay the postage for a returned product.',
      ),
    ],
  )

  expect(events.filter(({ type }) => type === 'text').length).toBeGreaterThan(1)
})

async function answerOf(
  question: string,
  passages: readonly RankedChunk[],
  options: Partial<AnswererRequest> & { readonly embedder?: EmbeddingModel } = {},
) {
  const { embedder = null, ...change } = options
  const answerer = createExtractiveAnswerer({ embedder, tokenizer })
  const events: GenerateEvent[] = []
  const request = exampleRequest(question, passages, change)
  for await (const event of answerer.answer(request, new AbortController().signal)) {
    events.push(event)
  }
  const text = events.map((event) => (event.type === 'text' ? event.text : '')).join('')
  const last = events.at(-1)
  if (last?.type !== 'finish') throw new Error('no finish')
  return { events, text, reason: last.reason, outputTokens: last.usage.outputTokens }
}
