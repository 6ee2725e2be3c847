import { Compile } from 'typebox/compile'
import { Type } from 'typebox'
import type { ChatRequest } from '../../../contract/chat-completion.ts'
import { chatToolCall, type ChatToolCall } from '../../../contract/function-tool.ts'
import { readRole, readText, type Turn } from '../../ask/conversation.ts'
import { invalidValue, unsupported } from '../../request-error.ts'
import { checkedValue } from '../../validation.ts'

type WireMessage = ChatRequest['messages'][number]

const TEXT_PARTS = ['text']
const callsCheck = Compile(Type.Array(chatToolCall, { maxItems: 128 }))

/** Messages as turns. An assistant's calls of tools carry their results, which stand in the messages behind it. */
export function readChatTurns(messages: ChatRequest['messages']): readonly Turn[] {
  const results = new Map<string, string>()
  const turns: Turn[] = []
  for (const [index, message] of [...messages.entries()].toReversed()) {
    const param = `messages[${index}]`
    if (message['role'] === 'function') {
      throw unsupported(`${param}.role`, "Functions are tools now: use the role 'tool'.")
    }
    if (message['role'] === 'tool') readResult(message, { param, results })
    else turns.push(readTurn(message, { param, results }))
  }
  if (results.size > 0) {
    throw invalidValue(
      'messages',
      "A message of the role 'tool' must follow the assistant's message whose call it answers.",
    )
  }
  return turns.toReversed()
}

interface Place {
  readonly param: string
  /** What the messages behind this one gave, by the call's id. */
  readonly results: Map<string, string>
}

function readResult(message: WireMessage, { param, results }: Place): void {
  const { tool_call_id: id } = message
  if (typeof id !== 'string' || id === '') {
    throw invalidValue(
      `${param}.tool_call_id`,
      `'${param}.tool_call_id' must say which call it answers.`,
    )
  }
  results.set(id, readText(message['content'], `${param}.content`, TEXT_PARTS))
}

function readTurn(message: WireMessage, { param, results }: Place): Turn {
  const role = readRole(message['role'], `${param}.role`)
  const content = message['content'] ?? null
  const wireCalls = role === 'assistant' ? (message['tool_calls'] ?? []) : []
  const calls = checkedValue(callsCheck, wireCalls, `${param}.tool_calls`)
  // An assistant that only called a tool said nothing.
  const silent = role === 'assistant' && content === null
  const place = `${param}.content`
  const turn = { role, text: silent ? '' : readText(content, place, TEXT_PARTS), param: place }
  if (calls.length === 0) return turn
  return { ...turn, toolCalls: calls.map((call) => answered(call, { param, results })) }
}

function answered({ id, function: { name, arguments: input } }: ChatToolCall, place: Place) {
  const { param, results } = place
  const result = results.get(id)
  if (result === undefined) {
    throw invalidValue(
      `${param}.tool_calls`,
      `The call '${id.slice(0, 100)}' has no result: a message of the role 'tool' must follow.`,
    )
  }
  results.delete(id)
  return { id, name, arguments: input, result }
}
