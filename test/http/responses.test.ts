import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { AppError } from '../../src/core/errors.ts'
import { exampleCitation, finishedWith, plainAnswer, searched } from './fake-answer.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()
const newStore = async () => (await world().client.vectorStores.create({ name: 'papers' })).id
const lastQuestion = () => world().answer.questions.at(-1)
const toolOf = (id: string) => ({ type: 'file_search' as const, vector_store_ids: [id] })

test('an answer is a response of OpenAI with proof of its claims', async () => {
  world().answer.script(plainAnswer())
  const response = await world().client.responses.create({ input: 'How long is the notice?' })

  expect(response.output_text).toBe('Sixty days. [1]')
  expect(response).toMatchObject({
    object: 'response',
    status: 'completed',
    error: null,
    model: 'extractive',
    usage: { input_tokens: 20, output_tokens: 5, total_tokens: 25 },
    output: [
      { type: 'file_search_call', status: 'completed', queries: ['notice period'], results: null },
      {
        type: 'message',
        role: 'assistant',
        content: [
          {
            type: 'output_text',
            annotations: [
              {
                type: 'file_citation',
                file_id: 'file-1',
                filename: 'lease.txt',
                index: 12,
                ragstone: {
                  start: 0,
                  end: 24,
                  page: 3,
                  quote: 'Notice is given in days.',
                  score: 0.75,
                  vector_store_id: 'vs_1',
                  number: 1,
                },
              },
            ],
          },
        ],
      },
    ],
  })
})

test('the passages are given to those who ask for them', async () => {
  const { output } = await world().client.responses.create({
    input: 'x',
    include: ['file_search_call.results'],
  })

  expect(output[0]).toMatchObject({
    results: [{ file_id: 'file-1', score: 0.9, text: 'Notice is given in days.' }],
  })
})

test('a stream has every event in its order, numbered without a gap', async () => {
  world().answer.script(plainAnswer())
  const stream = await world().client.responses.create({ input: 'x', stream: true })
  const events = await Array.fromAsync(stream)

  expect(events.map(({ type }) => type)).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.file_search_call.in_progress',
    'response.file_search_call.searching',
    'response.file_search_call.completed',
    'response.output_item.done',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.delta',
    'response.output_text.annotation.added',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ])
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index))
})

test('a stream gives the same response as no stream', async () => {
  world().answer.script(plainAnswer())
  const streamed = await world().client.responses.stream({ input: 'x' }).finalResponse()
  const whole = await world().client.responses.create({ input: 'x' })
  const told = ({ output, usage, status }: typeof whole): unknown =>
    JSON.parse(JSON.stringify({ output, usage, status }).replaceAll(/"(fs|msg)_\w+"/g, '"$1"'))

  expect(streamed.output_text).toBe(whole.output_text)
  expect(told(await world().client.responses.retrieve(streamed.id))).toEqual(told(whole))
})

test('an answer that was cut short is incomplete, and says why', async () => {
  world().answer.script([
    searched,
    finishedWith({ reason: 'length', text: 'Sixty', citations: [] }),
  ])
  const stream = await world().client.responses.create({ input: 'x', stream: true })
  const last = (await Array.fromAsync(stream)).at(-1)

  expect(last).toMatchObject({
    type: 'response.incomplete',
    response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
  })
})

test('a failure in the middle of a stream is told, not cut', async () => {
  world().answer.script([
    searched,
    { type: 'text', delta: 'Sixty' },
    new AppError('provider_unavailable', 'The model is away.'),
  ])
  const stream = await world().client.responses.create({ input: 'x', stream: true })
  const last = (await Array.fromAsync(stream)).at(-1)

  expect(last).toMatchObject({
    type: 'response.failed',
    response: {
      status: 'failed',
      error: { code: 'server_error', message: 'The model is away.' },
      output: [{ type: 'file_search_call' }, { status: 'incomplete' }],
    },
  })
})

test('a failure that nobody foresaw tells nothing of itself', async () => {
  world().answer.script([searched, new Error('password=hunter2')])
  const stream = await world().client.responses.create({ input: 'x', stream: true })
  const events = JSON.stringify(await Array.fromAsync(stream))

  expect(events).toContain('Something broke on our side.')
  expect(events).not.toContain('hunter2')
})

test('a refusal before the first word is a status, streaming or not', async () => {
  world().answer.script([new AppError('rate_limited', 'Slow down.', { retryAfterMs: 1_500 })])
  const { responses } = world().client

  await expect(responses.create({ input: 'x' })).rejects.toThrow(OpenAI.RateLimitError)
  await expect(responses.create({ input: 'x', stream: true })).rejects.toThrow(
    OpenAI.RateLimitError,
  )
})

test('an abstention says that it is one', async () => {
  world().answer.script([
    searched,
    finishedWith({
      outcome: 'abstained',
      text: 'The documents do not say.',
      citations: [],
      notices: ['By words alone.'],
    }),
  ])
  const response = await world().client.responses.create({ input: 'x' })

  expect(response).toMatchObject({
    ragstone: { outcome: 'abstained', notices: ['By words alone.'] },
  })
  world().answer.script(plainAnswer())
})

test('everything asked for reaches the answer', async () => {
  const id = await newStore()
  await world().client.responses.create({
    model: 'llama',
    instructions: 'Be brief.',
    input: [
      { role: 'developer', content: 'Speak German.' },
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Hello to you' },
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'How' },
          { type: 'input_text', text: 'long?' },
        ],
      },
    ],
    tools: [
      { ...toolOf(id), max_num_results: 3, filters: { type: 'gte', key: 'year', value: 2020 } },
    ],
    max_output_tokens: 100,
    temperature: 0.2,
    top_p: 0.9,
  })

  expect(lastQuestion()).toEqual({
    answerId: expect.stringMatching(/^resp_/),
    limits: expect.objectContaining({ files: null }),
    caller: expect.objectContaining({ requestId: expect.stringMatching(/^req_/) }),
    tenantId: world().tenantId,
    model: 'llama',
    vectorStoreIds: [id],
    text: 'How\nlong?',
    filter: { type: 'gte', key: 'year', value: 2020 },
    history: [
      { role: 'user', text: 'Hello' },
      { role: 'assistant', text: 'Hello to you' },
    ],
    instructions: 'Be brief.\n\nSpeak German.',
    maxOutputTokens: 100,
    temperature: 0.2,
    topP: 0.9,
    maxChunks: 3,
  })
})

test('without a tool the answer is over all vector stores', async () => {
  const [one, other] = [await newStore(), await newStore()]
  await world().client.responses.create({ input: 'x' })

  expect(lastQuestion()?.vectorStoreIds).toEqual(expect.arrayContaining([one, other]))
})

test('a vector store named as the model is answered over by the default model', async () => {
  const id = await newStore()
  await world().client.responses.create({ model: id, input: 'x' })

  expect(lastQuestion()).toMatchObject({ model: null, vectorStoreIds: [id] })
})

test('a conversation goes on from the response before', async () => {
  const { responses } = world().client
  const first = await responses.create({ input: 'How long?', instructions: 'Be brief.' })
  const second = await responses.create({ input: 'And then?', previous_response_id: first.id })
  await responses.create({ input: 'Why?', previous_response_id: second.id })

  expect(lastQuestion()).toMatchObject({
    text: 'Why?',
    instructions: null,
    history: [
      { role: 'user', text: 'How long?' },
      { role: 'assistant', text: 'Sixty days. [1]' },
      { role: 'user', text: 'And then?' },
      { role: 'assistant', text: 'Sixty days. [1]' },
    ],
  })
})

test('a stream can be gone on from as soon as it has ended', async () => {
  const stream = await world().client.responses.create({ input: 'x', stream: true })
  let id = ''
  for await (const event of stream) if (event.type === 'response.completed') id = event.response.id

  expect((await world().client.responses.retrieve(id)).status).toBe('completed')
})

test('what a response gave out may be sent back as input', async () => {
  const first = await world().client.responses.create({ input: 'How long?' })
  await world().client.responses.create({
    input: [
      { role: 'user', content: 'How long?' },
      ...first.output,
      { role: 'user', content: 'Why?' },
    ] as OpenAI.Responses.ResponseInput,
  })

  expect(lastQuestion()?.history).toEqual([
    { role: 'user', text: 'How long?' },
    { role: 'assistant', text: 'Sixty days. [1]' },
  ])
})

test('the passages of a stored response can be asked for later', async () => {
  const { id } = await world().client.responses.create({ input: 'x' })
  const { responses } = world().client

  expect((await responses.retrieve(id)).output[0]).toMatchObject({ results: null })
  expect(
    (await responses.retrieve(id, { include: ['file_search_call.results'] })).output[0],
  ).toMatchObject({ results: [{ text: 'Notice is given in days.' }] })
})

test('a response that is not to be stored is not', async () => {
  const { id } = await world().client.responses.create({ input: 'x', store: false })

  await expect(world().client.responses.retrieve(id)).rejects.toThrow(OpenAI.NotFoundError)
})

test('a deleted response is gone', async () => {
  const { responses } = world().client
  const { id } = await responses.create({ input: 'x' })
  await responses.delete(id)

  await expect(responses.retrieve(id)).rejects.toThrow(OpenAI.NotFoundError)
})

test("a tenant sees nothing of another's responses", async () => {
  const { id } = await world().client.responses.create({ input: 'x' })
  const stranger = world().clientFor(await world().newTenantKey())

  await expect(stranger.responses.retrieve(id)).rejects.toThrow(OpenAI.NotFoundError)
  await expect(
    stranger.responses.create({ input: 'x', previous_response_id: id }),
  ).rejects.toMatchObject({ code: 'previous_response_not_found' })
})

test('input items are listed newest first, page by page', async () => {
  const { id } = await world().client.responses.create({
    input: ['1', '2', '3'].map((content) => ({ role: 'user' as const, content })),
  })
  const contents: unknown[] = []
  for await (const item of world().client.responses.inputItems.list(id, { limit: 2 })) {
    if (item.type === 'message') contents.push(item.content)
  }

  expect(contents).toEqual(['3', '2', '1'].map((text) => [{ type: 'input_text', text }]))
})

test('only what runs in the background is cancelled', async () => {
  const { id } = await world().client.responses.create({ input: 'x' })

  await expect(world().client.responses.cancel(id)).rejects.toThrow(OpenAI.BadRequestError)
  await expect(world().client.responses.cancel('resp_0')).rejects.toThrow(OpenAI.NotFoundError)
})

test.each([
  ['store', { background: true, store: false }, 'unsupported_parameter'],
  ['text.format', { text: { format: { type: 'json_object' } } }, 'unsupported_parameter'],
  ['text.format.type', { text: { format: { type: 'xml' } } }, 'invalid_value'],
  ['tools[0].name', { tools: [{ type: 'function' }] }, 'missing_required_parameter'],
  ['tools[0].type', { tools: [{ type: 'web_search' }] }, 'unsupported_parameter'],
  ['tools[0].vector_store_ids', { tools: [{ type: 'file_search' }] }, 'missing_required_parameter'],
  [
    'tools[0].filters.type',
    { tools: [{ type: 'file_search', vector_store_ids: ['vs_1'], filters: { type: 'x' } }] },
    'invalid_value',
  ],
  [
    'tools[0].ranking_options.hybrid_search',
    {
      tools: [
        {
          type: 'file_search',
          vector_store_ids: ['vs_1'],
          ranking_options: { hybrid_search: { embedding_weight: 0, text_weight: 0 } },
        },
      ],
    },
    'invalid_value',
  ],
  [
    'input[0].content[0].type',
    { input: [{ role: 'user', content: [{ type: 'input_image' }] }] },
    'invalid_value',
  ],
  ['input[0].role', { input: [{ content: 'x' }] }, 'missing_required_parameter'],
  ['input', { input: [{ role: 'assistant', content: 'x' }] }, 'invalid_value'],
  ['input', { input: '  ' }, 'invalid_value'],
  ['include[0]', { include: ['everything'] }, 'invalid_value'],
  ['temperature', { temperature: 3 }, 'invalid_value'],
  ['max_output_tokens', { max_output_tokens: 0 }, 'invalid_value'],
  ['colour', { colour: 'red' }, 'unknown_parameter'],
  ['stream', { stream: 'yes' }, 'invalid_type'],
])('%s is refused where it is at fault', async (param, fields, code) => {
  const body = {
    input: 'x',
    ...fields,
  } as unknown as OpenAI.Responses.ResponseCreateParamsNonStreaming

  await expect(world().client.responses.create(body)).rejects.toMatchObject({
    status: 400,
    param,
    code,
  })
})

test.each([
  { background: false },
  { text: { format: { type: 'text' as const }, verbosity: 'low' as const } },
  { tool_choice: 'required' as const },
  { top_logprobs: 0 },
  { reasoning: { effort: 'low' as const } },
  { service_tier: 'auto' as const, user: 'me', parallel_tool_calls: false },
])('%j asks for nothing else than what happens', async (fields) => {
  expect((await world().client.responses.create({ input: 'x', ...fields })).status).toBe(
    'completed',
  )
})

test('how the search is to rank reaches the answer', async () => {
  const id = await newStore()
  const ranking_options = {
    score_threshold: 0.5,
    hybrid_search: { embedding_weight: 2, text_weight: 0 },
    mmr_lambda: 0.7,
  }
  await world().client.responses.create({ input: 'x', tools: [{ ...toolOf(id), ranking_options }] })

  expect(lastQuestion()).toMatchObject({
    scoreThreshold: 0.5,
    weights: { dense: 2, lexical: 0 },
    mmrLambda: 0.7,
  })
})

test('a format reaches a language model, and is echoed', async () => {
  const format = {
    type: 'json_schema' as const,
    name: 'notice',
    schema: { type: 'object' },
    strict: true,
  }
  const response = await world().client.responses.create({
    model: 'llama',
    input: 'x',
    text: { format },
  })

  expect(lastQuestion()?.format).toEqual({ ...format, description: null })
  expect(response.text?.format).toEqual(format)
})

test('an unknown vector store is not found, by its place', async () => {
  await expect(
    world().client.responses.create({ input: 'x', tools: [toolOf('vs_none')] }),
  ).rejects.toMatchObject({ status: 404, param: 'tools[0].vector_store_ids' })
})

test('an unknown model is not found', async () => {
  await expect(
    world().client.responses.create({ model: 'gpt-9', input: 'x' }),
  ).rejects.toMatchObject({
    status: 404,
    code: 'model_not_found',
  })
})

test('a model that embeds cannot answer', async () => {
  await expect(
    world().client.responses.create({ model: 'bag-of-words', input: 'x' }),
  ).rejects.toThrow(/cannot answer/)
})

test('citations that come late are in the end all there', async () => {
  const citations = [1, 2].map((number) => exampleCitation({ number }))
  world().answer.script([
    searched,
    { type: 'text', delta: 'A [1] [2]' },
    finishedWith({ text: 'A [1] [2]', citations }),
  ])
  const { output } = await world().client.responses.create({ input: 'x' })

  expect(output[1]).toMatchObject({ content: [{ annotations: [{}, {}] }] })
  world().answer.script(plainAnswer())
})
