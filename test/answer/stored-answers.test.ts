import { afterAll, beforeAll, expect, test } from 'vitest'
import { createExtractiveAnswerer } from '../../src/answer/generate/extractive-answerer.ts'
import { createAnswer } from '../../src/answer/pipeline.ts'
import { createSearch } from '../../src/answer/search.ts'
import { DEFAULT_RETRIEVAL_SETTINGS } from '../../src/answer/settings.ts'
import type { Question } from '../../src/core/question.ts'
import { createLocalEmbedder, type LocalEmbedder } from '../../src/providers/local-embedder.ts'
import { findModelFiles } from '../../src/providers/model-files.ts'
import { createTokenizer } from '../../src/providers/tokenizer.ts'
import { createFreeSpending } from '../free-spending.ts'
import { exampleQuestion } from './example-question.ts'
import { storeLibrary, type StoredLibrary } from './stored-library.ts'
import type { Tokenizer } from '../../src/core/ports/embedding-model.ts'

const HANDBOOK = `# Staff handbook – Überblick

Every employee has 28 days of paid leave a year. Leave that is not taken by the end of March of the following year is
lost, unless illness prevented it.

Working from home is possible on two days of the week. The head of the department agrees to the days in writing.

Travel by train is booked in second class; first class needs the approval of the board. Receipts are handed in within
30 days after the journey, otherwise nothing is paid back.`

const MACHINE = `The coffee machine on the third floor is descaled every first Monday of the month by the facility team.

If the display shows E17, the water tank is empty. Fill it up to the mark “max” and press the blue button twice.

| Part | Price in € | Supplier |
|---|---|---|
| Water filter | 12.50 | Brandt |
| Grinding disc | 48.90 | Keller |`

const MINUTES = `Minutes of the meeting of 4 May 2026. Present: Ms Okafor, Mr Lindqvist, Dr. Weiß.

Dr. Weiß reported that the new warehouse in Rostock opens in September 2027, three months later than planned, because
the foundations had to be strengthened.

The budget for the fair in Lyon was raised to €45,000.`

let library: StoredLibrary
let embedder: LocalEmbedder
let tokenizer: Tokenizer

beforeAll(async () => {
  const files = await findModelFiles({ directories: [] })
  if (files === null) throw new Error('The package with the default embedding model is missing.')
  embedder = await createLocalEmbedder({ files, threads: 1 })
  tokenizer = await createTokenizer({ folder: files.folder })
  library = await storeLibrary(embedder, [
    { filename: 'handbook.md', text: HANDBOOK },
    { filename: 'machine.md', text: MACHINE },
    { filename: 'minutes.txt', text: MINUTES },
  ])
})
afterAll(async () => {
  await library.close()
  await embedder.close()
})

test.each([
  ['How many days of holiday do I get?', 'handbook.md', '28 days of paid leave'],
  ['When will the warehouse in Rostock open?', 'minutes.txt', 'September 2027'],
  ['What should I do when the coffee machine shows E17?', 'machine.md', 'the water tank is empty'],
  ['How much does a grinding disc cost?', 'machine.md', '48.90'],
  ['How long do I have to hand in receipts of a journey?', 'handbook.md', 'within\n30 days'],
])('%s', async (text, filename, words) => {
  const finished = await ask(text)

  expect(finished.outcome).toBe('answered')
  expect(finished.citations.map((citation) => citation.filename)).toContain(filename)
  expect(finished.citations.map(({ quote }) => quote).join('\n')).toContain(words)
})

test('every citation is exactly the bytes of the extracted text', async () => {
  const { citations, text } = await ask('What did Dr. Weiß say about the warehouse?')

  expect(citations.length).toBeGreaterThan(0)
  for (const { fileId, start, end, quote, index, number } of citations) {
    expect(library.textOf(fileId).subarray(start, end).toString()).toBe(quote)
    expect(text.slice(index).startsWith(`[${number}]`)).toBe(true)
  }
})

test('what the documents do not speak of is not answered', async () => {
  const { outcome, citations } = await ask('Which enzymes break down alcohol in the liver?')

  expect({ outcome, citations }).toEqual({ outcome: 'abstained', citations: [] })
})

test('a follow-up finds its passage', async () => {
  const { citations } = await ask('And how much does it cost?', {
    history: [
      { role: 'user', text: 'Who supplies the water filter of the coffee machine?' },
      { role: 'assistant', text: 'Brandt [1].' },
    ],
  })

  expect(citations.map(({ quote }) => quote).join()).toContain('12.50')
})

test('a filter keeps to the documents it names', async () => {
  const { citations } = await ask('How many days of paid leave do I have?', {
    filter: { type: 'eq', key: 'filename', value: 'minutes.txt' },
  })

  expect(citations.filter(({ filename }) => filename !== 'minutes.txt')).toEqual([])
})

test('the trace can be read back, with the scores of both searches', async () => {
  await ask('How many days of holiday do I get?', { answerId: 'resp_traced' })
  const trace = await library.database.transact(library.tenantId, (transaction) =>
    library.answers.getTrace(transaction, 'resp_traced'),
  )

  expect(trace?.outcome).toBe('answered')
  expect(trace?.candidates[0]).toMatchObject({
    filename: 'handbook.md',
    place: 1,
    similarity: expect.any(Number),
    bm25: expect.any(Number),
  })
})

test('a search gives the best chunk first', async () => {
  const search = createSearch({ ...library, embedder, settings: DEFAULT_RETRIEVAL_SETTINGS })
  const [best] = await search(
    { ...exampleQuestion('price of the water filter'), ...stored(), limit: 3, scoreThreshold: 0 },
    new AbortController().signal,
  )

  expect(best).toMatchObject({ filename: 'machine.md', text: expect.stringContaining('12.50') })
})

test('a search by words alone finds what a search by meaning would put elsewhere', async () => {
  const search = createSearch({ ...library, embedder, settings: DEFAULT_RETRIEVAL_SETTINGS })
  const found = await search(
    {
      ...exampleQuestion('E17'),
      ...stored(),
      limit: 5,
      scoreThreshold: 0,
      weights: { dense: 0, lexical: 1 },
    },
    new AbortController().signal,
  )

  expect(found.map(({ similarity, score }) => [similarity, score])).toEqual([[null, 1]])
})

async function ask(text: string, change: Partial<Question> = {}) {
  const extractive = createExtractiveAnswerer({ embedder, tokenizer })
  const answer = createAnswer({
    ...library,
    ...createFreeSpending(),
    defaultModel: 'extractive',
    embedder,
    tokenizer,
    settings: DEFAULT_RETRIEVAL_SETTINGS,
    answerers: () => extractive,
    clock: () => new Date(),
    onError: (error) => expect.unreachable(String(error)),
  })
  const answerId = `resp_${Math.random()}`
  const question = exampleQuestion(text, { answerId, ...stored(), ...change })
  const last = (await Array.fromAsync(answer(question, new AbortController().signal))).at(-1)
  if (last?.type !== 'finished') throw new Error('The answer did not finish.')
  return last
}

function stored() {
  return { tenantId: library.tenantId, vectorStoreIds: [library.vectorStoreId] }
}
