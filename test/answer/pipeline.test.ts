import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ABSTENTION, type Answerer } from '../../src/answer/generate/answerer.ts'
import { createExtractiveAnswerer } from '../../src/answer/generate/extractive-answerer.ts'
import { createGenerativeAnswerer } from '../../src/answer/generate/generative-answerer.ts'
import {
  createAnswer,
  NOTHING_CITED_NOTICE,
  STRUCTURED_NOTICE,
  type AnswerDeps,
} from '../../src/answer/pipeline.ts'
import { WORDS_ALONE_NOTICE } from '../../src/answer/retrieve/retrieve.ts'
import { standAlone } from '../../src/answer/stand-alone.ts'
import { DEFAULT_RETRIEVAL_SETTINGS } from '../../src/answer/settings.ts'
import type { AnswerEvent, Candidate } from '../../src/core/answer.ts'
import { AppError } from '../../src/core/errors.ts'
import type { Question } from '../../src/core/question.ts'
import { createFreeSpending } from '../free-spending.ts'
import { createFakeChatModel, type FakeChatModelOptions } from '../fake-chat-model.ts'
import { exampleChunk } from './example-chunk.ts'
import { exampleQuestion } from './example-question.ts'
import { createFakeStorage, type FakeStorage } from './fake-database.ts'

const RETURNS =
  'Customers may return a product within 14 days of delivery. They pay the postage themselves.'
const CANDIDATES: readonly Candidate[] = [
  exampleChunk(RETURNS, { chunkId: '1', bm25: 9, fileId: 'file-1' }),
  exampleChunk(`${RETURNS} `, { chunkId: '2', bm25: 8, fileId: 'file-2' }),
  exampleChunk('The shop opens at nine in the morning.', {
    chunkId: '3',
    bm25: 1,
    fileId: 'file-3',
  }),
]
const QUESTION = exampleQuestion('Within how many days may customers return a product?')
const tokenizer = { count: (text: string) => text.split(/\s+/).filter(Boolean).length }

test('an answer comes as searched, text and citations, finished', async () => {
  const { events } = await ask({ deltas: ['Within 14 da', 'ys of delivery [', '1].'] })

  expect(events.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1])).toEqual([
    'searched',
    'text',
    'citation',
    'text',
    'finished',
  ])
  expect(events.at(-1)).toMatchObject({
    outcome: 'answered',
    reason: 'stop',
    model: 'fake-model',
    text: 'Within 14 days of delivery [1].',
    citations: [
      { number: 1, index: 27, quote: 'Customers may return a product within 14 days of delivery.' },
    ],
    usage: { inputTokens: 100, outputTokens: 3 },
    notices: [],
  })
})

test('the model sees the passages without near-duplicates, and the question as it was asked', async () => {
  const { model, events } = await ask({ deltas: ['14 days [1].'] })

  const prompt = model.requests[0]?.messages.at(-1)?.text ?? ''
  expect(prompt.split(RETURNS)).toHaveLength(2)
  expect(prompt).toContain(QUESTION.text)
  expect(events[0]).toMatchObject({
    type: 'searched',
    chunks: [{ chunkId: '1' }, { chunkId: '3' }],
  })
})

test('the trace tells every stage and every candidate’s way', async () => {
  const { storage } = await ask({ deltas: ['14 days [1][5].'] })

  const [trace] = storage.traces
  expect(trace).toMatchObject({ answerId: 'resp_1', outcome: 'answered', model: 'fake-model' })
  expect(trace?.stages.map(({ name }) => name)).toEqual([
    'retrieve',
    'fuse',
    'near-duplicates',
    'diversify',
    'pack',
    'judge',
    'generate',
    'cite',
  ])
  expect(trace?.stages.at(-1)?.detail).toEqual({ citations: 1, removed: [5] })
  expect(trace?.candidates.map(({ chunkId, place, dropped }) => [chunkId, place, dropped])).toEqual(
    [
      ['1', 1, null],
      ['2', null, 'near-duplicate of 1'],
      ['3', 2, null],
    ],
  )
})

test('the trace holds nothing of the conversation but the question', async () => {
  const { storage } = await ask(
    { deltas: ['14 days [1].'] },
    { ...QUESTION, instructions: 'Secret.' },
  )

  expect(Object.keys(storage.traces[0] ?? {}).sort()).toEqual([
    'answerId',
    'candidates',
    'citations',
    'createdAt',
    'model',
    'outcome',
    'query',
    'question',
    'stages',
    'usage',
    'vectorStoreIds',
  ])
})

test('the trace is written before the answer is said to be finished', async () => {
  const storage = createFakeStorage({ candidates: CANDIDATES })
  for await (const event of answerOver(storage)(QUESTION, new AbortController().signal)) {
    expect(storage.traces).toHaveLength(event.type === 'finished' ? 1 : 0)
  }
})

test('a trace that cannot be written costs nobody the answer, nor the ledger its row, and is told', async () => {
  const failure = new Error('A trace that no database takes.')
  const storage = createFakeStorage({
    candidates: CANDIDATES,
    insertTrace: () => Promise.reject(failure),
  })
  const errors: unknown[] = []
  const { spending, records } = createFreeSpending()
  const change = { spending, onError: (error: unknown) => errors.push(error) }
  const events = await read(
    answerOver(storage, { ...change, ...withMeteredModel() })(QUESTION, open()),
  )

  expect(events.at(-1)?.type).toBe('finished')
  expect(errors).toEqual([failure])
  expect(records).toMatchObject([{ calls: [{ model: 'fake-model', inputTokens: 100 }] }])
})

test('an answer whose usage cannot be kept is not acknowledged', async () => {
  const away = new AppError('database_unavailable', 'Away.')
  const storage = createFakeStorage({
    candidates: CANDIDATES,
    insertTrace: () => Promise.reject(away),
  })
  const events = answerOver(storage, { onError: () => undefined })(QUESTION, open())

  await expect(read(events)).rejects.toBe(away)
})

test('a question the documents do not speak of gets the one sentence, and no model is asked', async () => {
  const { events, model, storage } = await ask(
    {},
    exampleQuestion('Who won the chess olympiad in Baku?'),
  )

  expect(events.at(-1)).toMatchObject({ outcome: 'abstained', text: ABSTENTION, citations: [] })
  expect(model.requests).toEqual([])
  expect(storage.traces[0]?.outcome).toBe('abstained')
})

test('a model that says the documents do not say abstains', async () => {
  const { events } = await ask({ deltas: ['The documents ', 'do not say.'] })

  expect(events.at(-1)).toMatchObject({ outcome: 'abstained', notices: [] })
})

test('an answer without any proof says so', async () => {
  const { events } = await ask({ deltas: ['Penguins live in Antarctica [1].'] })

  expect(events.at(-1)).toMatchObject({
    text: 'Penguins live in Antarctica.',
    notices: [NOTHING_CITED_NOTICE],
  })
})

test('a model that is away is replaced by the passages’ own words, with a notice', async () => {
  const failure = { after: 0, error: new AppError('provider_unavailable', 'Away.') }
  const { events, storage } = await ask({ id: 'large', failure })

  expect(events.at(-1)).toMatchObject({
    outcome: 'answered',
    model: 'extractive',
    text: 'Customers may return a product within 14 days of delivery. [1]',
    citations: [{ quote: 'Customers may return a product within 14 days of delivery.', score: 1 }],
    notices: ["The model large was not available; these are the passages' own words."],
  })
  expect(storage.traces[0]?.model).toBe('extractive')
})

test('a model that fails midway fails the answer, and the trace keeps it', async () => {
  const failure = { after: 1, error: new AppError('provider_unavailable', 'Away.') }
  const storage = createFakeStorage({ candidates: CANDIDATES })
  const answer = answerOver(storage, {}, { deltas: ['Within', ' 14'], failure })

  await expect(read(answer(QUESTION, open()))).rejects.toMatchObject({
    code: 'provider_unavailable',
  })
  expect(storage.traces[0]?.outcome).toBe('failed')
})

const FOLLOW_UP = exampleQuestion('And who pays for it?', {
  history: [
    { role: 'user', text: 'May customers return a product?' },
    { role: 'assistant', text: 'Yes, within 14 days [1].' },
  ],
})

test('a follow-up is searched for as the model puts it, and answered as it was asked', async () => {
  const { storage, model, events } = await ask(
    rewriting(['“Who pays the postage ', 'of a returned product?”']),
    FOLLOW_UP,
  )

  const query = 'Who pays the postage of a returned product?'
  expect(storage.queries[0]?.text).toBe(query)
  expect(events[0]).toMatchObject({ type: 'searched', query })
  expect(storage.traces[0]).toMatchObject({ query, question: 'And who pays for it?' })
  expect(model.requests[0]?.messages[0]?.text).toContain('May customers return a product?')
  expect(model.requests[1]?.messages.at(-1)?.text).toMatch(/Question: And who pays for it\?$/)
  expect(model.requests[1]?.messages).toHaveLength(3)
})

test('what the rewriting cost is counted', async () => {
  const { events } = await ask(rewriting(['Who pays?']), FOLLOW_UP)

  expect(events.at(-1)).toMatchObject({ usage: { inputTokens: 200, outputTokens: 2 } })
})

test.each([
  ['nothing', [] as string[], 'what the model wrote is no question'],
  ['a speech', ['a\nb'], 'what the model wrote is no question'],
  ['a failure', new AppError('rate_limited', 'Away.'), 'rate_limited'],
])(
  'where the model gives %s, the rule rewrites, and the trace says so',
  async (_, said, because) => {
    const { storage } = await ask(rewriting(said), FOLLOW_UP)

    expect(storage.queries[0]?.text).toBe('And who pays for it? customers return product')
    expect(storage.traces[0]?.stages[0]).toMatchObject({
      name: 'rewrite',
      detail: { by: 'rule', because },
    })
  },
)

test('a model that takes too long to rewrite is not waited for', async () => {
  const model = createFakeChatModel({ deltas: ['x'], delayMs: 5_000 })
  const answerer = createGenerativeAnswerer({ model })
  const { history, text } = FOLLOW_UP
  const rewritten = await standAlone({ question: text, history, answerer }, open(), 5)

  expect(rewritten).toMatchObject({ by: 'rule', because: 'the model took longer than 5 ms' })
})

const TOOLS = {
  functions: [{ name: 'stock', description: null, parameters: {}, strict: null }],
  choice: 'auto',
  parallel: null,
} as const

test('an answer in a format is given out as it is, however little was found', async () => {
  const json = '{"days":[14],"of":["a [1]"]}'
  const { events, model } = await ask(
    { deltas: [json.slice(0, 10), json.slice(10)] },
    exampleQuestion('Which enzymes break down alcohol?', { format: { type: 'json_object' } }),
  )

  expect(events.at(-1)).toMatchObject({
    outcome: 'answered',
    text: json,
    citations: [],
    notices: [STRUCTURED_NOTICE],
  })
  expect(model.requests[0]).toMatchObject({ format: { type: 'json_object' } })
})

test('with tools the model is asked even where the documents do not say', async () => {
  const { model } = await ask(
    { deltas: ['Nothing.'] },
    exampleQuestion('Which enzymes break down alcohol?', { tools: TOOLS }),
  )

  expect(model.requests).toMatchObject([{ tools: TOOLS }])
})

test('what tools gave stands behind the question', async () => {
  const call = { id: 'c1', name: 'stock', arguments: '{}', result: '3 left' }
  const steps = [{ role: 'assistant' as const, text: '', toolCalls: [call] }]
  const { model } = await ask({ deltas: ['Three.'] }, { ...QUESTION, tools: TOOLS, steps })

  expect(model.requests[0]?.messages.at(-1)).toEqual(steps[0])
})

test('chunks below the threshold of the question are left out, and the trace says why', async () => {
  const { events, storage } = await ask(
    { deltas: ['14 days [1].'] },
    { ...QUESTION, scoreThreshold: 0.9 },
  )

  expect(events[0]).toMatchObject({ chunks: [{ chunkId: '1' }] })
  expect(storage.traces[0]?.candidates.at(-1)).toMatchObject({
    chunkId: '3',
    dropped: 'scores below 0.9',
  })
})

test('a search whose weight is zero does not count', async () => {
  const { events } = await ask(
    { deltas: ['x'] },
    { ...QUESTION, weights: { dense: 1, lexical: 0 }, tools: TOOLS },
  )

  expect(events[0]).toMatchObject({ chunks: [] })
})

function rewriting(said: readonly string[] | Error): FakeChatModelOptions {
  return {
    deltas: ({ system }) => {
      if (!system.startsWith('You turn the last question')) return ['The customers [1].']
      if (said instanceof Error) throw said
      return said
    },
    usage: { inputTokens: 100, outputTokens: 1 },
  }
}

test('an embedding model that is away leaves the words, with a notice', async () => {
  const storage = createFakeStorage({ candidates: CANDIDATES })
  const embedder = {
    id: 'away',
    dimensions: 2,
    maxTokens: 10,
    embed: () => Promise.reject(new AppError('provider_unavailable', 'Away.')),
  }
  const events = await read(answerOver(storage, { embedder })(QUESTION, open()))

  expect(storage.queries[0]?.vector).toBeNull()
  expect(events.at(-1)).toMatchObject({ outcome: 'answered', notices: [WORDS_ALONE_NOTICE] })
})

test('a model nobody configured is refused before anything is searched', async () => {
  const storage = createFakeStorage({ candidates: CANDIDATES })
  const answerers = (): Answerer => {
    throw new AppError('model_not_found', 'There is no model "x".', { param: 'model' })
  }

  await expect(read(answerOver(storage, { answerers })(QUESTION, open()))).rejects.toMatchObject({
    code: 'model_not_found',
  })
  expect(storage.queries).toEqual([])
})

test.each([false, true])('cancelling ends the model (deaf: %s) and is recorded', async (deaf) => {
  const storage = createFakeStorage({ candidates: CANDIDATES })
  const model = createFakeChatModel({ deltas: ['Within ', '14 ', 'days'], delayMs: 5_000, deaf })
  const cancel = new AbortController()
  const events = read(answerOver(storage, withModel(model))(QUESTION, cancel.signal))
  await until(() => model.requests.length === 1)
  cancel.abort()

  await expect(events).rejects.toThrow('aborted')
  expect(model.aborted()).toBe(1)
  expect(storage.traces[0]?.outcome).toBe('cancelled')
})

test('cancelling ends a search that does not listen', async () => {
  const storage = createFakeStorage({
    candidates: [],
    search: () => sleep(60_000, [], { ref: false }),
  })
  const cancel = new AbortController()
  const events = read(answerOver(storage)(QUESTION, cancel.signal))
  await until(() => storage.queries.length === 1)
  cancel.abort()

  await expect(events).rejects.toThrow('aborted')
  expect(storage.traces[0]?.outcome).toBe('cancelled')
})

test('a reader who stops between two events ends the model', async () => {
  const storage = createFakeStorage({ candidates: CANDIDATES })
  const model = createFakeChatModel({ deltas: ['Within ', '14 ', 'days'] })
  for await (const event of answerOver(storage, withModel(model))(QUESTION, open())) {
    if (event.type === 'text') break
  }

  expect(model.aborted()).toBe(1)
  expect(storage.traces[0]?.outcome).toBe('cancelled')
})

test('a reader who stops while the model is silent does not wait for it', async () => {
  const storage = createFakeStorage({ candidates: CANDIDATES })
  const model = createFakeChatModel({ delayMs: 60_000 })
  const iterator = answerOver(storage, withModel(model))(QUESTION, open())[Symbol.asyncIterator]()
  await iterator.next()
  const pending = iterator.next().catch(() => 'ended')
  await until(() => model.requests.length === 1)
  await iterator.return?.()

  expect(await pending).toBe('ended')
  expect(model.aborted()).toBe(1)
  expect(storage.traces[0]?.outcome).toBe('cancelled')
})

async function ask(options: FakeChatModelOptions, question: Question = QUESTION) {
  const storage = createFakeStorage({ candidates: CANDIDATES })
  const model = createFakeChatModel(options)
  const events = await read(answerOver(storage, withModel(model))(question, open()))
  return { events, storage, model }
}

function answerOver(
  storage: FakeStorage,
  change: Partial<AnswerDeps> = {},
  options: FakeChatModelOptions = { deltas: ['14 days [1].'] },
) {
  return createAnswer({
    ...storage,
    ...createFreeSpending(),
    ...withModel(createFakeChatModel(options)),
    embedder: null,
    tokenizer,
    settings: DEFAULT_RETRIEVAL_SETTINGS,
    clock: () => new Date(0),
    onError: (error) => expect.unreachable(String(error)),
    ...change,
  })
}

function withModel(model: ReturnType<typeof createFakeChatModel>): Pick<AnswerDeps, 'answerers'> {
  const extractive = createExtractiveAnswerer({ embedder: null, tokenizer })
  return {
    answerers: (name) => (name === 'extractive' ? extractive : createGenerativeAnswerer({ model })),
  }
}

function withMeteredModel(options: FakeChatModelOptions = { deltas: ['14 days [1].'] }) {
  const model = createFakeChatModel(options)
  const answerers: AnswerDeps['answerers'] = (_name, meter) =>
    createGenerativeAnswerer({
      model: meter.chat(model, 'answer'),
      rewriter: meter.chat(model, 'rewrite'),
    })
  return { answerers }
}

function open(): AbortSignal {
  return new AbortController().signal
}

async function read(events: AsyncIterable<AnswerEvent>): Promise<readonly AnswerEvent[]> {
  return Array.fromAsync(events)
}

async function until(fact: () => boolean): Promise<void> {
  while (!fact()) await sleep(1)
}
