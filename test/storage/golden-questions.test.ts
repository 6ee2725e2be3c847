import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MOST_GOLDEN_QUESTIONS } from '../../src/core/golden-question.ts'
import { createId } from '../../src/core/id.ts'
import type { Transaction } from '../../src/core/ports/database.ts'
import type {
  KeptGoldenQuestions,
  NewGoldenQuestion,
} from '../../src/core/ports/golden-questions.ts'
import { createGoldenQuestions } from '../../src/storage/golden-questions.ts'
import { addStore, onEveryLibrary, stores } from './library.ts'

const golden = createGoldenQuestions()
const FIRST_PAGE = { after: null, before: null, order: 'asc', limit: 2_000 } as const

const asked = (question: string, file = 'a.txt'): NewGoldenQuestion => ({
  question,
  expected: [{ file, quote: null }],
})

async function put(
  transaction: Transaction,
  store: string,
  given: readonly NewGoldenQuestion[],
): Promise<KeptGoldenQuestions> {
  const kept = await golden.put(transaction, store, given)
  if (kept === null) throw new Error('There is no such store.')
  return kept
}

const many = (count: number, of = 'Question') =>
  Array.from({ length: count }, (_, place) => asked(`${of} ${place}?`))

onEveryLibrary('golden questions', ({ database, newTenant }) => {
  test('are kept as they were given, in their order', async () => {
    const tenant = await newTenant()
    const given: readonly NewGoldenQuestion[] = [
      { question: 'Whose “leave”?', expected: [{ file: 'a.md', quote: 'thirty days' }] },
      { question: 'x'.repeat(8_000), expected: [] },
      { question: 'Another?', expected: [asked('').expected, asked('', 'b').expected].flat() },
    ]
    const { kept, added, listed } = await database.transact(tenant, async (within) => {
      const store = await addStore(within)
      const done = await put(within, store, given)
      return { ...done, listed: await golden.list(within, store, FIRST_PAGE) }
    })

    expect(added).toBe(3)
    expect(listed).toEqual(kept)
    expect(kept.map(({ question, expected }) => ({ question, expected }))).toEqual(given)
    expect(kept.every(({ id }) => id.startsWith('gq_'))).toBe(true)
  })

  test('one that is there already keeps its id, and expects what was said last', async () => {
    const tenant = await newTenant()
    const { before, after, listed } = await database.transact(tenant, async (within) => {
      const store = await addStore(within)
      return {
        before: await put(within, store, [asked('One?', 'a.txt'), asked('Two?')]),
        after: await put(within, store, [asked('Three?'), asked('One?', 'b.txt')]),
        listed: await golden.list(within, store, FIRST_PAGE),
      }
    })

    expect(after.added).toBe(1)
    expect(after.kept[1]).toMatchObject({
      id: before.kept[0]?.id,
      createdAt: before.kept[0]?.createdAt,
      expected: [{ file: 'b.txt', quote: null }],
    })
    expect(new Set(listed.map(({ question }) => question))).toEqual(
      new Set(['One?', 'Two?', 'Three?']),
    )
  })

  test('of whatever is given in however many calls, each is there once as it was said last', async () => {
    const tenant = await newTenant()
    const question = fc.constantFrom('One?', 'Two?', 'three', 'Three', ' ', '?', 'é', 'e\u0301')
    const expected = fc.array(fc.record({ file: fc.string(), quote: fc.option(fc.string()) }), {
      maxLength: 3,
    })
    const call = fc.array(fc.record({ question, expected }), { minLength: 1, maxLength: 6 })
    // NUL and half a character are refused before they come here.
    const isText = (calls: object) => !/\\u0000|\\ud[89a-f]/i.test(JSON.stringify(calls))
    const calls = fc.array(call, { minLength: 1, maxLength: 4 }).filter(isText)
    await fc.assert(
      fc.asyncProperty(calls, async (said) => {
        const listed = await database.transact(tenant, async (within) => {
          const store = await addStore(within)
          for (const given of said) await put(within, store, given)
          return golden.list(within, store, FIRST_PAGE)
        })
        const last = new Map(said.flat().map((each) => [each.question, each.expected]))

        expect(listed).toHaveLength(last.size)
        expect(new Map(listed.map((each) => [each.question, each.expected]))).toEqual(last)
      }),
      { numRuns: 25 },
    )
  })

  test('are listed page by page, each once', async () => {
    const tenant = await newTenant()
    const questions = await database.transact(tenant, async (within) => {
      const store = await addStore(within)
      await put(within, store, many(5))
      const read: string[] = []
      for (let after: string | null = null; ;) {
        const cursor = { after, before: null, order: 'desc', limit: 2 } as const
        const page = await golden.list(within, store, cursor)
        read.push(...page.slice(0, 2).map(({ question }) => question))
        if (page.length <= 2) return read
        after = page[1]?.id ?? null
      }
    })

    expect(questions).toEqual(
      many(5)
        .map(({ question }) => question)
        .toReversed(),
    )
  })

  test('a store that there is not keeps none', async () => {
    const [tenant, other] = [await newTenant(), await newTenant()]
    const foreign = await database.transact(other, (within) => addStore(within))
    const kept = await database.transact(tenant, async (within) => [
      await golden.put(within, createId('vs_'), [asked('One?')]),
      await golden.put(within, foreign, [asked('One?')]),
    ])

    expect(kept).toEqual([null, null])
  })

  test('a full store takes no further one, and what it has may change', async () => {
    const tenant = await newTenant()
    const store = await database.transact(tenant, async (within) => {
      const id = await addStore(within)
      await put(within, id, many(MOST_GOLDEN_QUESTIONS))
      return id
    })
    const add = (given: readonly NewGoldenQuestion[]) =>
      database.transact(tenant, (within) => put(within, store, given))

    await expect(add([asked('One more?')])).rejects.toMatchObject({ code: 'limit_reached' })
    expect(await add([asked('Question 7?', 'b.txt')])).toMatchObject({ added: 0 })
  })

  test('two who fill a store at once do not pass the bound together', async () => {
    const tenant = await newTenant()
    const store = await database.transact(tenant, (within) => addStore(within))
    const fill = (of: string) =>
      database.transact(tenant, (within) => put(within, store, many(600, of)))
    const ended = await Promise.allSettled([fill('One'), fill('Other')])
    const kept = await database.transact(tenant, (within) => golden.list(within, store, FIRST_PAGE))

    expect(ended.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(kept).toHaveLength(600)
  })

  test('are deleted one by one, and by their own store alone', async () => {
    const tenant = await newTenant()
    const done = await database.transact(tenant, async (within) => {
      const [store, other] = [await addStore(within), await addStore(within)]
      const { kept } = await put(within, store, many(2))
      const id = kept[0]?.id ?? ''
      const deleted = [
        await golden.delete(within, other, id),
        await golden.delete(within, store, id),
        await golden.delete(within, store, id),
      ]
      return { deleted, left: await golden.list(within, store, FIRST_PAGE) }
    })

    expect(done.deleted).toEqual([false, true, false])
    expect(done.left.map(({ question }) => question)).toEqual(['Question 1?'])
  })

  test('go with their store', async () => {
    const tenant = await newTenant()
    const left = await database.transact(tenant, async (within) => {
      const store = await addStore(within)
      await put(within, store, many(2))
      await stores.delete(within, store)
      return golden.spread(within, 10)
    })

    expect(left).toEqual({ questions: [], total: 0 })
  })

  test('are spread over the stores, as long as each has some', async () => {
    const tenant = await newTenant()
    const { small, large, spread } = await database.transact(tenant, async (within) => {
      const [small, large] = [await addStore(within), await addStore(within)]
      await put(within, large, many(20))
      await put(within, small, many(2))
      return { small, large, spread: await golden.spread(within, 7) }
    })
    const of = (store: string) =>
      spread.questions
        .filter(({ vectorStoreId }) => vectorStoreId === store)
        .map(({ question }) => question)

    expect(spread.total).toBe(22)
    expect(of(small)).toEqual(['Question 1?', 'Question 0?'])
    expect(of(large)).toEqual([19, 18, 17, 16, 15].map((place) => `Question ${place}?`))
  })
})
