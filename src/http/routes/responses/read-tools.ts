import { Compile } from 'typebox/compile'
import { functionTool as functionToolSchema } from '../../../contract/function-tool.ts'
import {
  fileSearchTool,
  type FileSearchTool,
  type ResponseRequest,
} from '../../../contract/response-request.ts'
import type { Tools } from '../../../core/question.ts'
import { functionTool } from '../../ask/model-wishes.ts'
import { unsupported } from '../../request-error.ts'
import { checkedValue } from '../../validation.ts'
import { readToolChoice } from './read-tool-choice.ts'

/** What the request's tools come to: where to search, and what the caller runs. */
export interface ReadTools {
  readonly search: FileSearchTool | null
  /** Where the search tool stands: `tools[0]`. */
  readonly param: string
  readonly functions: Tools | null
}

type LooseTool = Readonly<Record<string, unknown>>

const searchCheck = Compile(fileSearchTool)
const functionCheck = Compile(functionToolSchema)

export function readTools(request: ResponseRequest): ReadTools {
  const given = (request.tools ?? []).map((tool, index) => ({ tool, param: `tools[${index}]` }))
  for (const { tool, param } of given) requireKnown(tool, param)
  const [search, second] = given.filter(({ tool }) => tool['type'] === 'file_search')
  if (second !== undefined) {
    throw unsupported(second.param, "Put all vector stores into one 'file_search' tool.")
  }
  const functions = given
    .filter(({ tool }) => tool['type'] === 'function')
    .map(({ tool, param }) => functionTool(checkedValue(functionCheck, tool, param)))
  const choice = readToolChoice(request.tool_choice, {
    functions,
    searches: search !== undefined,
  })
  return {
    search: search === undefined ? null : checkedValue(searchCheck, search.tool, search.param),
    param: search?.param ?? 'tools[0]',
    functions:
      choice.functions.length === 0
        ? null
        : { ...choice, parallel: request.parallel_tool_calls ?? null },
  }
}

function requireKnown({ type }: LooseTool, param: string): void {
  if (type === 'file_search' || type === 'function') return
  throw unsupported(
    `${param}.type`,
    `The tools here are 'file_search' and your own of the type 'function': leave ${JSON.stringify(type) ?? 'the other'} out.`,
  )
}
