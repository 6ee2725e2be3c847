import type { AnsweredToolCall, Message } from '../../core/question.ts'
import { RequestError, invalidValue } from '../request-error.ts'

/** One message of a request, with the place it stood at. */
export interface Turn {
  readonly role: 'assistant' | 'system' | 'user'
  readonly text: string
  readonly param: string
  /** Of an assistant. */
  readonly toolCalls?: readonly AnsweredToolCall[]
}

export interface Conversation {
  /** What is asked now: the last message, but for what was done about it since. */
  readonly text: string
  /** Earlier turns, oldest first. */
  readonly history: readonly Message[]
  /** Calls of tools behind the question, with their results. */
  readonly steps: readonly Message[]
  readonly instructions: string | null
}

/** Throws a RequestError where the last message is not a user's. */
export function conversationOf(turns: readonly Turn[], param: string): Conversation {
  const spoken = turns.filter(({ role }) => role !== 'system')
  const place = spoken.findLastIndex(({ toolCalls }) => toolCalls === undefined)
  const last = spoken[place]
  if (last?.role !== 'user') {
    throw invalidValue(param, `'${param}' must end with a message of the role 'user'.`)
  }
  if (last.text.trim() === '') throw invalidValue(last.param, 'The question must not be blank.')
  const instructions = turns.filter(({ role }) => role === 'system').map(({ text }) => text)
  return {
    text: last.text,
    history: spoken.slice(0, place).flatMap(messageOf),
    steps: spoken.slice(place + 1).flatMap(messageOf),
    instructions: instructions.length === 0 ? null : instructions.join('\n\n'),
  }
}

function messageOf({ role, text, toolCalls }: Turn): readonly Message[] {
  if (role !== 'system' && toolCalls !== undefined) return [{ role, text, toolCalls }]
  return role === 'system' || text.trim() === '' ? [] : [{ role, text }]
}

const ROLES = {
  user: 'user',
  assistant: 'assistant',
  system: 'system',
  developer: 'system',
} as const

/** The roles of both APIs; `developer` is the newer word for `system`. */
export function readRole(role: unknown, param: string): Turn['role'] {
  if (role === 'user' || role === 'assistant') return ROLES[role]
  if (role === 'system' || role === 'developer') return ROLES[role]
  if (role === undefined) {
    throw new RequestError(
      'missing_required_parameter',
      `Missing required parameter: '${param}'.`,
      {
        param,
      },
    )
  }
  throw invalidValue(param, `'${param}' must be 'user', 'assistant', 'system' or 'developer'.`)
}

/** A text, or a list of text parts of the given types; what is neither is named by its place. */
export function readText(content: unknown, param: string, types: readonly string[]): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) {
    throw new RequestError('invalid_type', `'${param}' must be a text or a list of text parts.`, {
      param,
    })
  }
  return content
    .map((part: unknown, index) => readPart(part, `${param}[${index}]`, types))
    .join('\n')
}

function readPart(part: unknown, param: string, types: readonly string[]): string {
  const { type, text } = Object(part) as { readonly type?: unknown; readonly text?: unknown }
  if (!types.some((name) => name === type)) {
    const known = types.map((name) => `'${name}'`).join(' or ')
    throw invalidValue(
      `${param}.type`,
      `'${param}.type' must be ${known}: only texts can be asked.`,
    )
  }
  if (typeof text === 'string') return text
  throw new RequestError('invalid_type', `'${param}.text' must be a text.`, {
    param: `${param}.text`,
  })
}
