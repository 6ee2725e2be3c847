import type OpenAI from 'openai'
import { beforeEach, expect, test } from 'vitest'
import type { AnswerEvent } from '../../src/core/answer.ts'
import { finishedWith, plainAnswer, searched } from './fake-answer.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()
const responses = () => world().client.responses
const lastQuestion = () => world().answer.questions.at(-1)

const LOOK_UP = {
  type: 'function' as const,
  name: 'look_up',
  description: 'How many are left.',
  parameters: { type: 'object', properties: { part: { type: 'string' } } },
  strict: true,
}
const ask = { model: 'llama', input: 'How many?', tools: [LOOK_UP] }
const CALL = { id: 'call_1', name: 'look_up', arguments: '{"part":"filter"}' }
const called: readonly AnswerEvent[] = [
  searched,
  { type: 'tool-call', index: 0, id: 'call_1', name: 'look_up' },
  { type: 'tool-arguments', index: 0, delta: '{"part":' },
  { type: 'tool-arguments', index: 0, delta: '"filter"}' },
  finishedWith({ reason: 'tool_calls', text: '', citations: [], toolCalls: [CALL] }),
]
const result = { type: 'function_call_output' as const, call_id: 'call_1', output: '3 left' }
const step = { role: 'assistant', text: '', toolCalls: [{ ...CALL, result: '3 left' }] }

beforeEach(() => world().answer.script(called))

test('functions reach the model, and what it asks for is given back', async () => {
  const response = await responses().create({ ...ask, parallel_tool_calls: false })

  expect(lastQuestion()?.tools).toEqual({
    functions: [
      {
        name: 'look_up',
        description: 'How many are left.',
        parameters: LOOK_UP.parameters,
        strict: true,
      },
    ],
    choice: 'auto',
    parallel: false,
  })
  expect(response).toMatchObject({
    status: 'completed',
    incomplete_details: null,
    output_text: '',
    tools: [LOOK_UP],
    output: [
      { type: 'file_search_call' },
      {
        type: 'function_call',
        id: expect.stringMatching(/^fc_/),
        call_id: 'call_1',
        name: 'look_up',
        arguments: '{"part":"filter"}',
        status: 'completed',
      },
    ],
  })
})

test('a call is streamed in the order of the OpenAI API', async () => {
  const events = await Array.fromAsync(await responses().create({ ...ask, stream: true }))

  expect(events.slice(7).map(({ type }) => type)).toEqual([
    'response.output_item.added',
    'response.function_call_arguments.delta',
    'response.function_call_arguments.delta',
    'response.function_call_arguments.done',
    'response.output_item.done',
    'response.completed',
  ])
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index))
})

test('what is said before a call is done before the call begins', async () => {
  const second = { id: 'call_2', name: 'look_up', arguments: '{}' }
  world().answer.script([
    searched,
    { type: 'text', delta: 'I shall look.' },
    ...called.slice(1, 4),
    { type: 'tool-call', index: 1, id: 'call_2', name: 'look_up' },
    { type: 'tool-arguments', index: 1, delta: '{}' },
    finishedWith({
      reason: 'tool_calls',
      text: 'I shall look.',
      citations: [],
      toolCalls: [CALL, second],
    }),
  ])
  const stream = responses().stream(ask)
  const items: string[] = []
  stream.on('response.output_item.added', ({ item }) => items.push(`${item.type} added`))
  stream.on('response.output_item.done', ({ item }) => items.push(`${item.type} done`))
  const { output } = await stream.finalResponse()

  expect(items).toEqual(
    ['file_search_call', 'message', 'function_call', 'function_call'].flatMap((type) => [
      `${type} added`,
      `${type} done`,
    ]),
  )
  expect(output.slice(1)).toMatchObject([
    { content: [{ text: 'I shall look.' }], status: 'completed' },
    { call_id: 'call_1', status: 'completed' },
    { call_id: 'call_2', arguments: '{}', status: 'completed' },
  ])
})

test('a result goes on from the response that asked for it', async () => {
  const first = await responses().create(ask)
  world().answer.script(plainAnswer())
  await responses().create({ ...ask, input: [result], previous_response_id: first.id })

  expect(lastQuestion()).toMatchObject({ text: 'How many?', history: [], steps: [step] })
})

test('a result goes on in the conversation that has the call', async () => {
  const { id } = await world().client.conversations.create({})
  await responses().create({ ...ask, conversation: id })
  world().answer.script(plainAnswer())
  await responses().create({ ...ask, input: [result], conversation: id })
  await responses().create({ ...ask, input: 'And then?', conversation: id })

  expect(lastQuestion()).toMatchObject({
    text: 'And then?',
    history: [
      { role: 'user', text: 'How many?' },
      step,
      { role: 'assistant', text: 'Sixty days. [1]' },
    ],
  })
  const items = await Array.fromAsync(world().client.conversations.items.list(id, { order: 'asc' }))
  expect(items.slice(0, 4).map(({ type }) => type)).toEqual([
    'message',
    'file_search_call',
    'function_call',
    'function_call_output',
  ])
})

test('the output of a response is sent back as it came, with the result behind it', async () => {
  const first = await responses().create(ask)
  world().answer.script(plainAnswer())
  const response = await responses().create({
    ...ask,
    input: [{ role: 'user', content: 'How many?' }, ...first.output, result] as Input,
  })
  const items = await Array.fromAsync(responses().inputItems.list(response.id, { order: 'asc' }))

  expect(lastQuestion()).toMatchObject({ text: 'How many?', steps: [step] })
  expect(items).toMatchObject([
    { type: 'message' },
    { type: 'function_call', call_id: 'call_1', status: 'completed' },
    { type: 'function_call_output', call_id: 'call_1', output: '3 left' },
  ])
})

test('what a kept response gave out is referred to by its ids', async () => {
  const first = await responses().create(ask)
  const references = first.output.map(({ id = '' }) => ({ type: 'item_reference' as const, id }))
  world().answer.script(plainAnswer())
  await responses().create({
    ...ask,
    input: [{ role: 'user', content: 'How many?' }, ...references, result],
  })

  expect(lastQuestion()).toMatchObject({ text: 'How many?', steps: [step] })
})

test("another tenant's items cannot be referred to", async () => {
  const first = await responses().create(ask)
  const stranger = world().clientFor(await world().newTenantKey())
  const id = first.output[1]?.id ?? ''
  const input = [{ type: 'item_reference' as const, id }]

  await expect(stranger.responses.create({ ...ask, input })).rejects.toMatchObject({
    status: 404,
    param: 'input[0].id',
  })
  await expect(
    responses().create({ ...ask, input: [{ type: 'item_reference', id: 'msg_0' }] }),
  ).rejects.toMatchObject({ status: 404, message: expect.stringContaining("'msg_0'") })
})

test('outputs of several parts are one text', async () => {
  const first = await responses().create(ask)
  const output = ['3', 'left'].map((text) => ({ type: 'input_text' as const, text }))
  await responses().create({
    ...ask,
    input: [{ ...result, output }],
    previous_response_id: first.id,
  })

  expect(lastQuestion()?.steps).toMatchObject([{ toolCalls: [{ result: '3\nleft' }] }])
})

type Input = OpenAI.Responses.ResponseInput
const IMAGE = { type: 'input_image' as const, file_id: 'file-1' }
const question = { role: 'user' as const, content: 'How many?' }
const call = { type: 'function_call' as const, call_id: 'call_1', name: 'f', arguments: '{}' }

test.each<[string, Input]>([
  ['input', [question, call]],
  ['input[1].call_id', [question, result]],
  ['input[0].call_id', [{ ...call, call_id: undefined } as unknown as typeof call, result]],
  ['input[1].output[0].type', [question, { ...result, output: [IMAGE] }]],
  ['input[0].type', [{ type: 'custom_tool_call' } as unknown as typeof call]],
])('%s is refused where call and result do not belong together', async (param, input) => {
  await expect(responses().create({ ...ask, input })).rejects.toMatchObject({ status: 400, param })
})

const SEARCH = { type: 'file_search' as const, vector_store_ids: [''] }
const named = { type: 'function' as const, name: 'look_up' }
const only = (mode: 'auto' | 'required', ...tools: object[]) => ({
  type: 'allowed_tools' as const,
  mode,
  tools: tools as { [key: string]: unknown }[],
})

test.each([
  ['none', false, 'none'],
  ['auto', false, 'auto'],
  ['required', false, 'required'],
  // The search is a tool that was used.
  ['required', true, 'auto'],
  [{ type: 'file_search' }, true, 'auto'],
  [named, true, { name: 'look_up' }],
  [only('required', named), true, 'required'],
  [only('required', named, { type: 'file_search' }), true, 'auto'],
  [only('auto', named), false, 'auto'],
] as const)(
  'the choice %j, with a search: %j, is %j to the model',
  async (choice, search, told) => {
    const { id } = await world().client.vectorStores.create({})
    await responses().create({
      ...ask,
      tools: [...(search ? [{ ...SEARCH, vector_store_ids: [id] }] : []), LOOK_UP],
      tool_choice: choice,
    })

    expect(lastQuestion()?.tools?.choice).toEqual(told)
  },
)

test('a choice of the search alone leaves the functions out', async () => {
  await responses().create({ ...ask, tool_choice: only('auto', { type: 'file_search' }) })

  expect(lastQuestion()).not.toHaveProperty('tools')
})

test.each([
  ['tool_choice', { tool_choice: { type: 'function', name: 'other' } }],
  ['tool_choice', { tool_choice: 'sometimes' }],
  ['tool_choice.type', { tool_choice: { type: 'mcp', server_label: 'x' } }],
  ['tools[0].name', { tools: [{ type: 'function', name: 'a b' }] }],
  ['tool_choice', { model: 'extractive', tool_choice: 'required' }],
])('%s is refused', async (param, fields) => {
  const body = { ...ask, ...fields } as OpenAI.Responses.ResponseCreateParamsNonStreaming

  await expect(responses().create(body)).rejects.toMatchObject({ status: 400, param })
})

test('the extractive answerer answers without functions', async () => {
  world().answer.script(plainAnswer())
  const response = await responses().create({ ...ask, model: 'extractive' })

  expect(lastQuestion()).not.toHaveProperty('tools')
  expect(response.output_text).toBe('Sixty days. [1]')
})
