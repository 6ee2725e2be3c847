import type OpenAI from 'openai'
import { FUNCTION } from './rare-parameters.ts'
import { QUESTION } from './served-library.ts'

export async function exerciseBackground(
  { responses }: OpenAI,
  tools: OpenAI.Responses.Tool[],
): Promise<void> {
  const ask = { model: 'extractive', input: QUESTION, tools, background: true }
  const { id } = await responses.create(ask)
  await responses.cancel(id)
  const [first] = await Array.fromAsync(await responses.create({ ...ask, stream: true }))
  if (first?.type !== 'response.created') throw new Error('It did not begin.')
  const again = { stream: true as const, starting_after: 2, include_obfuscation: false }
  await Array.fromAsync(await responses.retrieve(first.response.id, again))
}

export async function exerciseFunctions({ responses }: OpenAI): Promise<void> {
  const tools = [{ type: 'function' as const, strict: null, ...FUNCTION }]
  const ask = { model: 'llama', input: QUESTION, tools, parallel_tool_calls: false }
  await Array.fromAsync(await responses.create({ ...ask, stream: true }))
  const { id, output } = await responses.create({ ...ask, tool_choice: 'required' })
  const call = output.find((item) => item.type === 'function_call')
  const result = { call_id: call?.call_id ?? '', output: '{"left": 3}' }
  const next = await responses.create({
    ...ask,
    input: [{ type: 'function_call_output', ...result }],
    previous_response_id: id,
  })
  await responses.inputItems.list(next.id)
}
