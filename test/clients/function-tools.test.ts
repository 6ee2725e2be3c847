import { createOpenAI } from '@ai-sdk/openai'
import { HumanMessage, ToolMessage } from '@langchain/core/messages'
import { ChatOpenAI } from '@langchain/openai'
import { jsonSchema, stepCountIs, streamText, tool } from 'ai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startFakeOpenAi, type FakeOpenAiServer } from '../fake-openai-server.ts'
import { startRagstone, type RagstoneProcess } from '../ragstone-process.ts'
import { createRecorder } from './recorder.ts'

// A language model that asks for a tool once, then answers; its tools are run by the client libraries.

let model: FakeOpenAiServer
let server: RagstoneProcess
let baseURL: string
beforeAll(async () => {
  model = await startFakeOpenAi({ answer: 'Three are left.', callsTools: true })
  server = await startRagstone({
    environment: { RAGSTONE_CHAT_BASE_URL: model.baseUrl, RAGSTONE_CHAT_MODEL: 'llama' },
  })
  baseURL = `${server.url}/v1`
}, 120_000)
afterAll(async () => {
  await server.stop()
  await model.close()
})

const QUESTION = 'How many filters are left?'
const PART = {
  type: 'object' as const,
  properties: { part: { type: 'string' as const } },
  required: ['part'],
  additionalProperties: false,
}

test('AI SDK: streamText runs a tool and goes on, with references to what the server keeps', async () => {
  const { exchanges, fetch } = createRecorder()
  const ragstone = createOpenAI({ baseURL, apiKey: server.key, fetch })
  const stock = tool({
    description: 'How many are left.',
    inputSchema: jsonSchema<{ part: string }>(PART),
    execute: async ({ part }) => ({ part, left: 3 }),
  })
  const streamed = streamText({
    model: ragstone('llama'),
    prompt: QUESTION,
    tools: { stock },
    stopWhen: stepCountIs(4),
  })
  const text = (await Array.fromAsync(streamed.textStream)).join('')
  const steps = await streamed.steps

  expect(text).toBe('Three are left.')
  expect(steps.map(({ finishReason }) => finishReason)).toEqual(['tool-calls', 'stop'])
  expect(steps[0]?.toolResults.at(-1)?.output).toEqual({ part: 'filter', left: 3 })
  expect(exchanges[1]?.sent).toMatchObject({
    input: [
      { role: 'user' },
      { type: 'item_reference', id: expect.stringMatching(/^fs_/) },
      { type: 'function_call', call_id: 'call_1' },
      { type: 'function_call_output', call_id: 'call_1' },
    ],
  })
})

test('LangChain.js: a tool is asked for by both APIs, and its result answered', async () => {
  const definition = { name: 'stock', description: 'How many are left.', parameters: PART }
  for (const useResponsesApi of [true, false]) {
    const chat = new ChatOpenAI({
      model: 'llama',
      apiKey: server.key,
      configuration: { baseURL },
      useResponsesApi,
    }).bindTools([{ type: 'function', function: definition }])
    const asked = await chat.invoke(QUESTION)
    const [call] = asked.tool_calls ?? []
    const answer = await chat.invoke([
      new HumanMessage(QUESTION),
      asked,
      new ToolMessage({ content: '3', tool_call_id: call?.id ?? '' }),
    ])

    expect(call).toMatchObject({ name: 'stock', args: { part: 'filter' } })
    expect(answer.text).toBe('Three are left.')
  }
})
