import { expect, test } from 'vitest'
import type { Transaction } from '../../src/core/ports/database.ts'
import type { AnswerTrace } from '../../src/core/trace.ts'
import { createAnswers } from '../../src/storage/answers.ts'
import { later, onEveryLibrary } from './library.ts'

const answers = createAnswers()

const put = async (
  transaction: Transaction,
  id: string,
  previousResponseId: string | null = null,
) => {
  const response = {
    id,
    createdAt: later(),
    previousResponseId,
    conversationId: null,
    input: [{ role: 'user', content: `Question ${id}` }],
    response: { id, object: 'response', output: [{ text: 'Ä \u{1F5FF} "quoted" \\u0000' }] },
  }
  await answers.insertResponse(transaction, response)
  return response
}

const trace: AnswerTrace = {
  answerId: 'resp_1',
  createdAt: new Date(1_800_000_000_123),
  question: 'Why?',
  query: 'why',
  vectorStoreIds: ['vs_1'],
  model: 'extractive',
  outcome: 'answered',
  stages: [{ name: 'retrieve', milliseconds: 1.5, detail: { found: 3 } }],
  candidates: [],
  usage: { inputTokens: 1, outputTokens: 2 },
}

onEveryLibrary('answers', ({ database, newTenant }) => {
  test('a response comes back as it was put in', async () => {
    const tenant = await newTenant()

    const [given, got] = await database.transact(tenant, async (transaction) => [
      await put(transaction, 'resp_1'),
      await answers.getResponse(transaction, 'resp_1'),
    ])

    expect(got).toEqual(given)
  })

  test('what JSON in the database cannot hold is replaced', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      await answers.insertResponse(transaction, {
        id: 'r',
        createdAt: later(),
        previousResponseId: null,
        conversationId: null,
        input: ['a\0b'],
        response: { text: '\uD83D' },
      })
      return answers.getResponse(transaction, 'r')
    })

    expect(got).toMatchObject({ input: ['a\uFFFDb'], response: { text: '\uFFFD' } })
  })

  test('history is oldest first and ends at the limit', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      await put(transaction, 'one')
      await put(transaction, 'two', 'one')
      await put(transaction, 'three', 'two')
      await put(transaction, 'elsewhere', 'one')
      const ids = async (id: string, limit: number) =>
        (await answers.history(transaction, id, limit)).map((response) => response.id)
      return [
        await ids('three', 10),
        await ids('three', 2),
        await ids('three', 0),
        await ids('nowhere', 10),
      ]
    })

    expect(got).toEqual([['one', 'two', 'three'], ['two', 'three'], [], []])
  })

  test('history ends where a turn was deleted', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      await put(transaction, 'one')
      await put(transaction, 'two', 'one')
      await put(transaction, 'three', 'two')
      await answers.deleteResponse(transaction, 'two')
      return (await answers.history(transaction, 'three', 10)).map((response) => response.id)
    })

    expect(got).toEqual(['three'])
  })

  test('a circle of turns ends at the limit', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      await put(transaction, 'one', 'two')
      await put(transaction, 'two', 'one')
      return answers.history(transaction, 'two', 5)
    })

    expect(got).toHaveLength(5)
  })

  test('a response is deleted once', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      await put(transaction, 'one')
      return [
        await answers.deleteResponse(transaction, 'one'),
        await answers.deleteResponse(transaction, 'one'),
        await answers.getResponse(transaction, 'one'),
      ]
    })

    expect(got).toEqual([true, false, null])
  })

  test('a trace comes back as it was put in', async () => {
    const tenant = await newTenant()

    await database.transact(tenant, (transaction) => answers.insertTrace(transaction, trace))
    const got = await database.transact(tenant, async (transaction) => [
      await answers.getTrace(transaction, 'resp_1'),
      await answers.getTrace(transaction, 'resp_2'),
    ])

    expect(got).toEqual([trace, null])
  })

  test('another tenant’s responses and traces give nothing', async () => {
    const [owner, stranger] = [await newTenant(), await newTenant()]
    await database.transact(owner, async (transaction) => {
      await put(transaction, 'resp_1')
      await answers.insertTrace(transaction, trace)
    })

    const seen = await database.transact(stranger, async (transaction) => {
      await put(transaction, 'mine', 'resp_1')
      return [
        await answers.getResponse(transaction, 'resp_1'),
        (await answers.history(transaction, 'mine', 9)).map((response) => response.id),
        await answers.deleteResponse(transaction, 'resp_1'),
        await answers.getTrace(transaction, 'resp_1'),
      ]
    })

    expect(seen).toEqual([null, ['mine'], false, null])
  })
})
