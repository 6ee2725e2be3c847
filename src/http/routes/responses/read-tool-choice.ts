import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { FunctionTool, Tools } from '../../../core/question.ts'
import { invalidValue, unsupported } from '../../request-error.ts'
import { checkedValue } from '../../validation.ts'

interface Given {
  readonly functions: readonly FunctionTool[]
  /** Whether `file_search` is among the tools. */
  readonly searches: boolean
}

type Choice = Pick<Tools, 'choice' | 'functions'>

const PARAM = 'tool_choice'
const namedTool = Type.Object({ type: Type.String(), name: Type.Optional(Type.String()) })
const namedCheck = Compile(
  Type.Object({
    ...namedTool.properties,
    mode: Type.Optional(Type.Enum(['auto', 'required'])),
    tools: Type.Optional(Type.Array(namedTool, { maxItems: 128 })),
  }),
)

/**
 * Which of the caller's functions the model may or must call. Every answer is searched for before: where `file_search`
 * is among what must be used, it has been.
 */
export function readToolChoice(choice: unknown, given: Given): Choice {
  const { functions, searches } = given
  const mode = choice ?? 'auto'
  if (mode === 'auto') return { functions, choice: 'auto' }
  if (mode === 'required') return { functions, choice: searches ? 'auto' : 'required' }
  if (mode === 'none') {
    if (functions.length > 0) return { functions, choice: 'none' }
    throw unsupported(
      PARAM,
      `'${PARAM}' is not supported: every answer is searched for; use 'auto'.`,
    )
  }
  if (typeof mode !== 'object') {
    throw invalidValue(PARAM, `'${PARAM}' must be 'auto', 'required', 'none' or name a tool.`)
  }
  const named = checkedValue(namedCheck, mode, PARAM)
  if (named.type === 'file_search') return { functions, choice: 'auto' }
  if (named.type === 'function')
    return { functions, choice: { name: find(named.name, given).name } }
  if (named.type === 'allowed_tools') return allowed(named, given)
  throw unsupported(
    `${PARAM}.type`,
    `'${PARAM}.type' must be 'function', 'file_search' or 'allowed_tools'.`,
  )
}

function allowed(
  { mode, tools = [] }: { mode?: 'auto' | 'required'; tools?: { type: string; name?: string }[] },
  given: Given,
): Choice {
  const searched = tools.some(({ type }) => type === 'file_search')
  const functions = tools
    .filter(({ type }) => type === 'function')
    .map(({ name }) => find(name, given))
  return { functions, choice: mode === 'required' && !searched ? 'required' : 'auto' }
}

function find(name: string | undefined, { functions }: Given): FunctionTool {
  const found = functions.find((each) => each.name === name)
  if (found !== undefined) return found
  throw invalidValue(
    PARAM,
    `'${PARAM}' names the tool '${String(name).slice(0, 100)}', which is not among the tools.`,
  )
}
