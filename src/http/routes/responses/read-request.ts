import { Compile } from 'typebox/compile'
import {
  fileSearchTool,
  type FileSearchTool,
  type ResponseRequest,
} from '../../../contract/response-request.ts'
import { INCLUDABLE } from '../../../contract/response.ts'
import type { Filter } from '../../../core/filter.ts'
import type { AnswerFormat } from '../../../core/question.ts'
import { schemaFormat } from '../../ask/model-wishes.ts'
import { readRanking } from '../../ask/read-ranking.ts'
import { refuseUnsupported, type Refusal } from '../../ask/refusals.ts'
import { readFilter } from '../../filter-reader.ts'
import { invalidValue, unsupported } from '../../request-error.ts'
import { checkedValue } from '../../validation.ts'

const REFUSALS: Readonly<Record<string, Refusal>> = {
  prompt: { unless: [], because: "there are no stored prompts; use 'instructions'." },
  top_logprobs: { unless: [0], because: 'leave it out.' },
  moderation: { unless: [], because: 'leave it out.' },
  context_management: { unless: [[]], because: 'the history is capped by the server.' },
  image: { unless: [], because: 'only texts can be asked.' },
  tool_choice: {
    unless: [
      'auto',
      'required',
      { type: 'file_search' },
      ...['auto', 'required'].map((mode) => ({
        type: 'allowed_tools',
        mode,
        tools: [{ type: 'file_search' }],
      })),
    ],
    because: "every answer is searched for; use 'auto'.",
  },
}

/** What a request asks for beyond its messages. */
export interface SearchChoice {
  readonly tool: FileSearchTool | null
  readonly filter: Filter | null
  readonly ranking: ReturnType<typeof readRanking>
  readonly includeResults: boolean
}

export function readSearchChoice(body: ResponseRequest): SearchChoice {
  refuseUnsupported(body, REFUSALS)
  const tool = readTool(body.tools ?? [])
  return {
    tool,
    filter: readFilter(tool?.filters, 'tools[0].filters'),
    ranking: readRanking(tool?.ranking_options, 'tools[0].ranking_options'),
    includeResults: readInclude(body.include ?? [], 'include'),
  }
}

/** Whether the passages are to be given back; all else that may be asked for does not occur here. */
export function readInclude(include: readonly string[], param: string): boolean {
  include.forEach((name, index) => {
    if (INCLUDABLE.some((known) => known === name)) return
    const known = INCLUDABLE.map((value) => `'${value}'`).join(', ')
    throw invalidValue(`${param}[${index}]`, `'${param}[${index}]' must be one of ${known}.`)
  })
  return include.includes('file_search_call.results')
}

const toolCheck = Compile(fileSearchTool)

function readTool(tools: readonly Readonly<Record<string, unknown>>[]): FileSearchTool | null {
  const [first, second] = tools
  if (first === undefined) return null
  tools.forEach(({ type }, index) => {
    if (type === 'file_search') return
    throw unsupported(
      `tools[${index}].type`,
      type === 'function'
        ? 'Functions are passed to a model by POST /v1/chat/completions; here the only tool is file_search.'
        : `The only tool here is 'file_search': leave ${JSON.stringify(type) ?? 'the other'} out.`,
    )
  })
  if (second !== undefined) {
    throw unsupported('tools[1]', "Put all vector stores into one 'file_search' tool.")
  }
  return checkedValue(toolCheck, first, 'tools[0]')
}

/** Throws for what a response in the background cannot be. */
export function readBackground({ background, store, stream }: ResponseRequest): boolean {
  if (background !== true) return false
  if (store === false) {
    throw unsupported(
      'store',
      'A response in the background is kept to be retrieved: leave it out.',
    )
  }
  if (stream === true) {
    throw unsupported(
      'stream',
      'A response in the background is not streamed: leave it out, and retrieve the response until it has ended.',
    )
  }
  return true
}

export function readFormat({ text }: ResponseRequest): AnswerFormat | null {
  const format = text?.format ?? null
  if (format === null || format.type === 'text') return null
  return format.type === 'json_schema' ? schemaFormat(format) : { type: 'json_object' }
}
