import type { InputItem } from '../../../contract/response.ts'
import { createId } from '../../../core/id.ts'
import { readRole, readText, type Turn } from '../../ask/conversation.ts'
import { RequestError, invalidValue, unsupported } from '../../request-error.ts'

/** What a response gave out and a client sends back: no part of what was said. */
const SILENT_ITEMS = ['file_search_call', 'reasoning']

export function isSilent(type: string): boolean {
  return SILENT_ITEMS.includes(type)
}

const TEXT_PARTS = ['input_text', 'output_text', 'text']

interface Said {
  readonly item: InputItem
  readonly turn: Turn
}

/** The input of a response, as items with ids and as turns of a conversation. */
export function readInput(
  input: string | readonly Readonly<Record<string, unknown>>[],
  param = 'input',
): {
  readonly items: readonly InputItem[]
  readonly turns: readonly Turn[]
} {
  if (typeof input === 'string') return gather([say('user', input, param)])
  return gather(input.flatMap((item, index) => readItem(item, `${param}[${index}]`)))
}

/** The turns of items that were stored. */
export function turnsOf(items: readonly InputItem[]): readonly Turn[] {
  return items.map(({ role, content }) => ({
    role: readRole(role, 'input'),
    text: content.map(({ text }) => text).join('\n'),
    param: 'input',
  }))
}

function gather(said: readonly Said[]) {
  return { items: said.map(({ item }) => item), turns: said.map(({ turn }) => turn) }
}

function readItem(item: Readonly<Record<string, unknown>>, param: string): readonly Said[] {
  const { type = 'message', role, content } = item
  if (typeof type === 'string' && isSilent(type)) return []
  if (type === 'item_reference') {
    throw unsupported(`${param}.type`, 'Items are not referred to here: send the message itself.')
  }
  if (type !== 'message') {
    throw invalidValue(`${param}.type`, `'${param}.type' must be 'message'.`)
  }
  const known = readRole(role, `${param}.role`)
  if (content === undefined) {
    throw new RequestError(
      'missing_required_parameter',
      `Missing required parameter: '${param}.content'.`,
      { param: `${param}.content` },
    )
  }
  const text = readText(content, `${param}.content`, TEXT_PARTS)
  return [say(role === 'developer' ? 'developer' : known, text, `${param}.content`)]
}

function say(role: InputItem['role'], text: string, param: string): Said {
  return {
    item: {
      id: createId('msg_'),
      type: 'message',
      role,
      status: 'completed',
      content: [{ type: role === 'assistant' ? 'output_text' : 'input_text', text }],
    },
    turn: { role: readRole(role, param), text, param },
  }
}
