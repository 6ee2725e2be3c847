import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { AppError } from '../../src/core/errors.ts'
import { exampleCitation, finishedWith, plainAnswer, searched } from './fake-answer.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()
const completions = () => world().client.chat.completions
const user = (content: string) => ({ role: 'user' as const, content })
const ask = (fields: object = {}) =>
  completions().create({ model: 'extractive', messages: [user('How long?')], ...fields })
const TOOL = {
  type: 'function' as const,
  function: {
    name: 'stock',
    parameters: { type: 'object', properties: { part: { type: 'string' } } },
  },
}
const CALL = {
  id: 'call_1',
  type: 'function' as const,
  function: { name: 'stock', arguments: '{"part":"filter"}' },
}
const lastQuestion = () => world().answer.questions.at(-1)

test('an answer is a chat completion whose annotations prove it', async () => {
  const completion = await ask()

  expect(completion).toMatchObject({
    object: 'chat.completion',
    model: 'extractive',
    choices: [
      {
        index: 0,
        finish_reason: 'stop',
        message: {
          role: 'assistant',
          content: 'Sixty days. [1]',
          annotations: [
            {
              type: 'url_citation',
              url_citation: {
                start_index: 12,
                end_index: 15,
                title: 'lease.txt',
                url: `${world().url}/v1/vector_stores/vs_1/files/file-1/content`,
              },
              file_id: 'file-1',
              ragstone: { start: 0, end: 24, page: 3, quote: 'Notice is given in days.' },
            },
          ],
        },
      },
    ],
    usage: { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 },
  })
})

test('a stream adds up to the same message', async () => {
  const stream = completions().stream({ model: 'extractive', messages: [user('x')] })
  const { choices } = await stream.finalChatCompletion()

  expect(choices[0]).toMatchObject({
    finish_reason: 'stop',
    message: { content: 'Sixty days. [1]' },
  })
})

test('a stream begins with the role, has each piece, and ends with the reason', async () => {
  const stream = await completions().create({
    model: 'extractive',
    messages: [user('x')],
    stream: true,
  })
  const chunks = await Array.fromAsync(stream)

  expect(chunks.map(({ choices }) => [choices[0]?.delta, choices[0]?.finish_reason])).toEqual([
    [{ role: 'assistant', content: '', refusal: null }, null],
    [{ content: 'Sixty days.' }, null],
    [{ content: ' [1]' }, null],
    [{ annotations: [expect.objectContaining({ file_id: 'file-1' })] }, null],
    [{}, 'stop'],
  ])
})

test('a stream ends with [DONE]', async () => {
  const response = await fetch(`${world().url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world().key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'extractive', messages: [user('x')], stream: true }),
  })

  expect((await response.text()).endsWith('data: [DONE]\n\n')).toBe(true)
})

test('usage comes last, and only where it was asked for', async () => {
  const stream = await completions().create({
    model: 'extractive',
    messages: [user('x')],
    stream: true,
    stream_options: { include_usage: true },
  })
  const chunks = await Array.fromAsync(stream)

  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 25 } })
  expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true)
})

test('a failure in the middle of a stream reaches the caller as an error', async () => {
  world().answer.script([
    searched,
    { type: 'text', delta: 'Sixty' },
    new AppError('provider_unavailable', 'The model is away.'),
  ])
  const stream = await completions().create({
    model: 'extractive',
    messages: [user('x')],
    stream: true,
  })

  await expect(Array.fromAsync(stream)).rejects.toMatchObject({ code: 'provider_unavailable' })
  world().answer.script(plainAnswer())
})

test('a cut answer says that it was cut', async () => {
  world().answer.script([searched, finishedWith({ reason: 'length' })])

  expect((await ask()).choices[0]?.finish_reason).toBe('length')
  world().answer.script(plainAnswer())
})

test('the text ends before a stop sequence, with what was cited until there', async () => {
  const citations = [exampleCitation(), exampleCitation({ number: 2, index: 30 })]
  world().answer.script([
    searched,
    { type: 'text', delta: 'Sixty days. [1] Or E' },
    { type: 'citation', citation: exampleCitation() },
    { type: 'text', delta: 'ND more. [2]' },
    { type: 'citation', citation: exampleCitation({ number: 2, index: 30 }) },
    finishedWith({ citations }),
  ])
  const { choices } = await ask({ stop: 'END' })

  expect(choices[0]?.message).toMatchObject({
    content: 'Sixty days. [1] Or ',
    annotations: [{ ragstone: { number: 1 } }],
  })
  world().answer.script(plainAnswer())
})

test('everything asked for reaches the answer', async () => {
  const { id } = await world().client.vectorStores.create({})
  await ask({
    model: 'llama',
    messages: [
      { role: 'system', content: 'Be brief.' },
      user('Hello'),
      { role: 'assistant', content: 'Hello to you' },
      { role: 'developer', content: 'Speak German.' },
      { role: 'user', content: [{ type: 'text', text: 'How long?' }] },
    ],
    vector_store_ids: [id],
    max_completion_tokens: 50,
    temperature: 0,
    top_p: 1,
  })

  expect(lastQuestion()).toEqual({
    answerId: expect.stringMatching(/^chatcmpl-/),
    limits: expect.objectContaining({ files: null }),
    caller: expect.objectContaining({ requestId: expect.stringMatching(/^req_/) }),
    tenantId: world().tenantId,
    model: 'llama',
    vectorStoreIds: [id],
    text: 'How long?',
    filter: null,
    history: [
      { role: 'user', text: 'Hello' },
      { role: 'assistant', text: 'Hello to you' },
    ],
    instructions: 'Be brief.\n\nSpeak German.',
    maxOutputTokens: 50,
    temperature: 0,
    topP: 1,
    maxChunks: null,
  })
})

test('a vector store may be named as the model', async () => {
  const { id } = await world().client.vectorStores.create({})
  await ask({ model: id })

  expect(lastQuestion()).toMatchObject({ model: null, vectorStoreIds: [id] })
})

test.each([
  ['n', { n: 2 }],
  [
    'tool_choice',
    { tools: [{ type: 'function', function: { name: 'f' } }], tool_choice: 'required' },
  ],
  ['tool_choice', { tool_choice: 'required' }],
  ['functions', { functions: [{ name: 'f' }] }],
  ['response_format', { response_format: { type: 'json_object' } }],
  ['logprobs', { logprobs: true }],
  ['messages[0].role', { messages: [{ role: 'function', content: 'x', name: 'f' }] }],
])('%s is not supported, and says so', async (param, fields) => {
  await expect(ask(fields)).rejects.toMatchObject({
    status: 400,
    param,
    code: 'unsupported_parameter',
  })
})

test.each([
  { n: 1, logit_bias: {}, logprobs: false, store: true },
  { tools: [], response_format: { type: 'text' }, modalities: ['text'], store: false },
  { tools: [{ type: 'function', function: { name: 'f' } }], tool_choice: 'auto' },
  { seed: 7, user: 'me', service_tier: 'auto', parallel_tool_calls: true, stop: null },
])('%j asks for nothing else than what happens', async (fields) => {
  expect((await ask(fields)).choices).toHaveLength(1)
})

test('how the words are to be picked reaches the answer', async () => {
  await ask({ frequency_penalty: 0.5, presence_penalty: -1, seed: 7 })

  expect(world().answer.questions.at(-1)?.sampling).toEqual({
    frequencyPenalty: 0.5,
    presencePenalty: -1,
    seed: 7,
  })
})

test.each([
  ['frequency_penalty', { frequency_penalty: 3 }],
  ['messages', { messages: [] }],
  ['messages', { messages: [{ role: 'assistant', content: 'x' }] }],
  [
    'messages[0].content[0].type',
    { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] },
  ],
  ['messages[0].content', { messages: [{ role: 'user' }] }],
  ['messages', { messages: [user('x'), { role: 'tool', content: 'x', tool_call_id: '1' }] }],
  ['messages[1].tool_calls', { messages: [user('x'), { role: 'assistant', tool_calls: [CALL] }] }],
  [
    'messages[1].tool_calls[0].function.arguments',
    {
      messages: [
        user('x'),
        { role: 'assistant', tool_calls: [{ ...CALL, function: { name: 'stock' } }] },
      ],
    },
  ],
  ['tools[0].function.name', { tools: [{ type: 'function', function: { name: 'a b' } }] }],
  [
    'tool_choice',
    { tools: [TOOL], tool_choice: { type: 'function', function: { name: 'other' } } },
  ],
  ['stop', { stop: ['1', '2', '3', '4', '5'] }],
])('%s is refused where it is at fault', async (param, fields) => {
  await expect(ask(fields)).rejects.toThrow(OpenAI.BadRequestError)
  await expect(ask(fields)).rejects.toMatchObject({ param })
})

test('tools reach a language model, with what was called before', async () => {
  await ask({
    model: 'llama',
    messages: [
      user('Which filter?'),
      { role: 'assistant', content: null, tool_calls: [CALL] },
      { role: 'tool', tool_call_id: 'call_1', content: '3 left' },
      { role: 'assistant', content: 'Three.' },
      user('And the disc?'),
      { role: 'assistant', content: null, tool_calls: [{ ...CALL, id: 'call_2' }] },
      { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: 'none' }] },
    ],
    tools: [TOOL],
    tool_choice: { type: 'function', function: { name: 'stock' } },
    parallel_tool_calls: false,
  })
  const called = { name: 'stock', arguments: '{"part":"filter"}' }

  expect(lastQuestion()).toMatchObject({
    text: 'And the disc?',
    history: [
      { role: 'user', text: 'Which filter?' },
      { role: 'assistant', toolCalls: [{ ...called, id: 'call_1', result: '3 left' }] },
      { role: 'assistant', text: 'Three.' },
    ],
    steps: [{ role: 'assistant', toolCalls: [{ ...called, id: 'call_2', result: 'none' }] }],
    tools: { functions: [{ name: 'stock' }], choice: { name: 'stock' }, parallel: false },
  })
})

test('the extractive answerer answers without the tools it may use', async () => {
  await ask({ tools: [TOOL] })

  expect(lastQuestion()).not.toHaveProperty('tools')
})

test('the model that wrote the answer is named, not the one that was away', async () => {
  world().answer.script([searched, finishedWith({ model: 'spare', notices: ['llama was away.'] })])
  const completion = await ask({ model: 'llama' })
  const streamed = await completions()
    .stream({ model: 'llama', messages: [user('x')] })
    .finalChatCompletion()

  expect(completion).toMatchObject({
    model: 'spare',
    ragstone: { model: 'spare', notices: ['llama was away.'] },
  })
  expect(streamed.model).toBe('spare')
  world().answer.script(plainAnswer())
})
