import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import OpenAI from 'openai'
import { createExtractiveAnswerer } from '../../src/answer/generate/extractive-answerer.ts'
import { createAnswer, STRUCTURED_NOTICE } from '../../src/answer/pipeline.ts'
import { DEFAULT_RETRIEVAL_SETTINGS } from '../../src/answer/settings.ts'
import { createAnswerers } from '../../src/app/answerers.ts'
import { createOpenAiCompatibleChat } from '../../src/providers/openai-compatible-chat.ts'
import { createChunkIndex } from '../../src/storage/chunk-index.ts'
import { startFakeOpenAi, STOP, toolCall, type FakeOpenAiServer } from '../fake-openai-server.ts'
import { createFreeSpending } from '../free-spending.ts'
import { useHttpWorld } from './world.ts'

// The official client in front, a provider over HTTP behind: what one sends reaches the other.

const world = useHttpWorld()
const tokenizer = { count: (text: string) => Math.ceil(text.length / 4) }
let main: FakeOpenAiServer
let spare: FakeOpenAiServer
let client: OpenAI
let storeId: string

beforeAll(async () => {
  main = await startFakeOpenAi({ answer: 'Sixty days [1].' })
  spare = await startFakeOpenAi({ answer: 'Sixty days, says the spare [1].' })
  const { url } = await world().listen({ answer: answerOver() })
  client = new OpenAI({ baseURL: `${url}/v1`, apiKey: world().key, maxRetries: 0 })
  storeId = (await client.vectorStores.create({})).id
  const content = new File(['The notice period of the lease is sixty days.'], 'lease.txt')
  const file = await client.files.create({ file: content, purpose: 'assistants' })
  await client.vectorStores.files.create(storeId, { file_id: file.id })
  await world().index(
    { vectorStoreId: storeId, fileId: file.id },
    'The notice period of the lease is sixty days.',
  )
})
afterAll(() => Promise.all([main.close(), spare.close()]))

let seen = 0
beforeEach(() => {
  seen = main.requests.length
})

function answerOver() {
  const chatOf = (name: string, { baseUrl }: FakeOpenAiServer) =>
    createOpenAiCompatibleChat({
      name,
      baseUrl,
      apiKey: null,
      model: 'upstream-name',
      contextTokens: 8000,
      timeoutMs: 2_000,
    })
  const extractive = createExtractiveAnswerer({ embedder: null, tokenizer })
  return createAnswer({
    ...createFreeSpending(),
    spending: world().deps.spending,
    defaultModel: 'extractive',
    database: world().deps.database,
    answers: world().deps.answers,
    chunkIndex: createChunkIndex({ space: null }),
    embedder: null,
    tokenizer,
    settings: DEFAULT_RETRIEVAL_SETTINGS,
    clock: () => new Date(),
    onError: (error) => expect.unreachable(String(error)),
    answerers: createAnswerers({
      chat: (name) => {
        if (name === 'llama') return chatOf(name, main)
        return name === 'spare' ? chatOf(name, spare) : null
      },
      extractive: () => extractive,
      settings: { models: [], defaultModel: 'extractive', fallbacks: ['spare'] },
      onFailure: () => undefined,
    }),
  })
}

const user = (content: string) => ({ role: 'user' as const, content })
const QUESTION = user('How long is the notice period of the lease?')
const sent = () => main.requests.slice(seen).map(({ body }) => body)
const STOCK = {
  type: 'function' as const,
  function: {
    name: 'stock',
    description: 'How many are left.',
    parameters: { type: 'object', properties: { part: { type: 'string' } } },
  },
}
const callSteps = toolCall('stock')

test('a model asks for a tool, is given its result, and answers', async () => {
  main.script({ steps: callSteps })
  const first = await client.chat.completions.create({
    model: 'llama',
    messages: [QUESTION],
    tools: [STOCK],
    tool_choice: 'auto',
    parallel_tool_calls: false,
    frequency_penalty: 0.5,
    presence_penalty: -0.5,
    seed: 7,
  })
  const [choice] = first.choices

  expect(choice).toMatchObject({
    finish_reason: 'tool_calls',
    message: {
      content: null,
      tool_calls: [{ id: 'call_1', function: { name: 'stock', arguments: '{"part":"filter"}' } }],
    },
  })
  expect(sent()[0]).toMatchObject({
    tools: [STOCK],
    tool_choice: 'auto',
    parallel_tool_calls: false,
    frequency_penalty: 0.5,
    presence_penalty: -0.5,
    seed: 7,
  })

  if (choice === undefined) throw new Error('There is no choice.')
  const second = await client.chat.completions.create({
    model: 'llama',
    messages: [
      QUESTION,
      choice.message,
      { role: 'tool', tool_call_id: 'call_1', content: '3 left' },
    ],
    tools: [STOCK],
  })

  expect(second.choices[0]?.message.content).toBe('Sixty days [1].')
  const messages = sent()[1]?.['messages']
  expect(Array.isArray(messages) ? messages.slice(-2) : null).toEqual([
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        {
          id: 'call_1',
          type: 'function',
          function: { name: 'stock', arguments: '{"part":"filter"}' },
        },
      ],
    },
    { role: 'tool', tool_call_id: 'call_1', content: '3 left' },
  ])
})

test('a streamed call of a tool adds up in the client', async () => {
  main.script({ steps: callSteps })
  const stream = client.chat.completions.stream({
    model: 'llama',
    messages: [QUESTION],
    tools: [STOCK],
  })
  const { choices } = await stream.finalChatCompletion()

  expect(choices[0]).toMatchObject({
    finish_reason: 'tool_calls',
    message: {
      tool_calls: [
        {
          id: 'call_1',
          type: 'function',
          function: { name: 'stock', arguments: '{"part":"filter"}' },
        },
      ],
    },
  })
})

test('a response asks for a function, is given its result, and answers', async () => {
  main.script({ steps: callSteps })
  const stock = { type: 'function' as const, ...STOCK.function, strict: null }
  const first = client.responses.stream({ model: 'llama', input: QUESTION.content, tools: [stock] })
  const { id, output } = await first.finalResponse()
  const second = await client.responses.create({
    model: 'llama',
    previous_response_id: id,
    input: [{ type: 'function_call_output', call_id: 'call_1', output: '3 left' }],
    tools: [stock],
  })

  expect(output.at(-1)).toMatchObject({
    type: 'function_call',
    call_id: 'call_1',
    arguments: '{"part":"filter"}',
  })
  expect(second.output_text).toBe('Sixty days [1].')
  expect(sent()[0]).toMatchObject({ tools: [STOCK] })
  expect(sent()[1]?.['messages']).toMatchObject([
    { role: 'system' },
    { role: 'user' },
    { role: 'assistant', tool_calls: [{ id: 'call_1' }] },
    { role: 'tool', tool_call_id: 'call_1', content: '3 left' },
  ])
})

const SCHEMA = { type: 'object', properties: { days: { type: 'array' } } }
const JSON_STEPS = [{ text: '{"days":' }, { text: '[60],"of":[1]}' }, ...STOP]

test('a chat completion in a format is the JSON of the model, untouched', async () => {
  main.script({ steps: JSON_STEPS })
  const json_schema = { name: 'notice', schema: SCHEMA, strict: true }
  const { choices } = await client.chat.completions.create({
    model: 'llama',
    messages: [QUESTION],
    response_format: { type: 'json_schema', json_schema },
  })

  expect(choices[0]?.message.content).toBe('{"days":[60],"of":[1]}')
  expect(sent()[0]).toMatchObject({ response_format: { type: 'json_schema', json_schema } })
})

test('a response in a format is the JSON of the model, and says why nothing is cited', async () => {
  main.script({ steps: JSON_STEPS })
  const response = await client.responses.create({
    model: 'llama',
    input: QUESTION.content,
    text: { format: { type: 'json_schema', name: 'notice', schema: SCHEMA } },
  })

  expect(response.output_text).toBe('{"days":[60],"of":[1]}')
  expect(response).toMatchObject({ ragstone: { notices: [STRUCTURED_NOTICE] } })
})

test('a response names the fallback that wrote it, and who was away', async () => {
  main.script({ status: 401 })
  const response = await client.responses.create({ model: 'llama', input: QUESTION.content })

  expect(response).toMatchObject({
    model: 'spare',
    output_text: 'Sixty days, says the spare [1].',
    ragstone: { notices: ['The model llama was not available; spare answered instead.'] },
  })
})

test('where every model is away the documents answer in their own words', async () => {
  main.script({ status: 401 })
  spare.script({ status: 401 })
  const completion = await client.chat.completions.create({ model: 'llama', messages: [QUESTION] })

  expect(completion).toMatchObject({
    model: 'extractive',
    ragstone: {
      notices: [
        "The models llama and spare were not available; these are the passages' own words.",
      ],
    },
  })
})

test('a follow-up is searched for as the model puts it', async () => {
  main.script({ steps: [{ text: 'How long is the notice period of the lease?' }, ...STOP] })
  const response = await client.responses.create({
    model: 'llama',
    include: ['file_search_call.results'],
    input: [
      user('What is in the lease?'),
      { role: 'assistant', content: 'Much.' },
      user('And out?'),
    ],
  })

  expect(response.output[0]).toMatchObject({
    queries: ['How long is the notice period of the lease?'],
    results: [{ filename: 'lease.txt' }],
  })
})
