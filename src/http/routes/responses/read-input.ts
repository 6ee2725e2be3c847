import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { InputItem, InputMessage, OutputItem } from '../../../contract/response.ts'
import { createId } from '../../../core/id.ts'
import { readRole, readText } from '../../ask/conversation.ts'
import { RequestError, invalidValue } from '../../request-error.ts'
import { checkedValue } from '../../validation.ts'
import type { Said } from './said.ts'

/** What a response gave out and a client sends back: no part of what was said. */
const SILENT_ITEMS = ['file_search_call', 'reasoning']

function isSilent(type: string): boolean {
  return SILENT_ITEMS.includes(type)
}

const TEXT_PARTS = ['input_text', 'output_text', 'text']

interface Read {
  readonly items: readonly InputItem[]
  readonly said: readonly Said[]
}

/** The input of a response, as items with ids and as what they say. References are resolved before. */
export function readInput(
  input: string | readonly Readonly<Record<string, unknown>>[],
  param = 'input',
): Read {
  if (typeof input === 'string') {
    const item = messageItem('user', input)
    return { items: [item], said: saidOf(item, { text: param, item: param }) }
  }
  const read = input.flatMap((given, index) => {
    const place = `${param}[${index}]`
    const item = readItem(given, place)
    if (item === null) return []
    return [{ item, said: saidOf(item, { text: `${place}.content`, item: place }) }]
  })
  return { items: read.map(({ item }) => item), said: read.flatMap(({ said }) => said) }
}

/** What an item says that was stored, or read. A call that was broken off says nothing. */
export function saidOf(
  item: InputItem | OutputItem,
  param: { readonly text: string; readonly item: string },
): readonly Said[] {
  switch (item.type) {
    case 'message': {
      const text = item.content.map((part) => part.text).join('\n')
      const role = readRole(item.role, param.item)
      return [{ kind: 'turn', turn: { role, text, param: param.text } }]
    }
    case 'function_call': {
      const { call_id: id, name, arguments: written, status } = item
      if (status !== 'completed') return []
      return [{ kind: 'call', call: { id, name, arguments: written } }]
    }
    case 'function_call_output': {
      const { call_id: callId, output } = item
      const text = typeof output === 'string' ? output : output.map((part) => part.text).join('\n')
      return [{ kind: 'result', callId, text, param: `${param.item}.call_id` }]
    }
    case 'file_search_call':
      return []
  }
}

/** Null for what says nothing. */
function readItem(item: Readonly<Record<string, unknown>>, param: string): InputItem | null {
  const { type = 'message' } = item
  if (typeof type === 'string' && isSilent(type)) return null
  if (type === 'function_call') return readCall(item, param)
  if (type === 'function_call_output') return readOutput(item, param)
  if (type === 'message') return readMessage(item, param)
  throw invalidValue(
    `${param}.type`,
    `'${param}.type' must be 'message', 'function_call', 'function_call_output' or 'item_reference'.`,
  )
}

const word = Type.String({ minLength: 1, maxLength: 256 })
const callCheck = Compile(Type.Object({ call_id: word, name: word, arguments: Type.String() }))
const outputCheck = Compile(Type.Object({ call_id: word, output: Type.Unknown() }))

function readCall(item: Readonly<Record<string, unknown>>, param: string): InputItem {
  const { call_id, name, arguments: written } = checkedValue(callCheck, item, param)
  return {
    id: createId('fc_'),
    type: 'function_call',
    call_id,
    name,
    arguments: written,
    status: 'completed',
  }
}

function readOutput(item: Readonly<Record<string, unknown>>, param: string): InputItem {
  const { call_id, output } = checkedValue(outputCheck, item, param)
  const text = readText(output, `${param}.output`, TEXT_PARTS)
  return {
    id: createId('fco_'),
    type: 'function_call_output',
    call_id,
    output: typeof output === 'string' ? text : [{ type: 'input_text', text }],
    status: 'completed',
  }
}

function readMessage(
  { role, content }: Readonly<Record<string, unknown>>,
  param: string,
): InputMessage {
  const known = readRole(role, `${param}.role`)
  if (content === undefined) {
    throw new RequestError(
      'missing_required_parameter',
      `Missing required parameter: '${param}.content'.`,
      { param: `${param}.content` },
    )
  }
  const text = readText(content, `${param}.content`, TEXT_PARTS)
  return messageItem(role === 'developer' ? 'developer' : known, text)
}

function messageItem(role: InputMessage['role'], text: string): InputMessage {
  return {
    id: createId('msg_'),
    type: 'message',
    role,
    status: 'completed',
    content: [{ type: role === 'assistant' ? 'output_text' : 'input_text', text }],
  }
}
