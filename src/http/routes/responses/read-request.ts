import type { ResponseRequest } from '../../../contract/response-request.ts'
import { INCLUDABLE } from '../../../contract/response.ts'
import type { Filter } from '../../../core/filter.ts'
import type { AnswerFormat } from '../../../core/question.ts'
import { schemaFormat } from '../../ask/model-wishes.ts'
import { readRanking } from '../../ask/read-ranking.ts'
import { NO_TOKENS, refuseUnsupported, type Refusal } from '../../ask/refusals.ts'
import { readFilter } from '../../filter-reader.ts'
import { invalidValue, unsupported } from '../../request-error.ts'
import { readTools, type ReadTools } from './read-tools.ts'

const REFUSALS: Readonly<Record<string, Refusal>> = {
  prompt: { unless: [], because: "there are no stored prompts; use 'instructions'." },
  top_logprobs: {
    unless: [0],
    because: NO_TOKENS,
  },
  moderation: { unless: [], because: 'there is no moderation model here.' },
  context_management: { unless: [[]], because: 'the history is capped by the server.' },
  image: { unless: [], because: 'only texts can be asked.' },
}

/** What a request asks for beyond its messages. */
export interface SearchChoice {
  readonly tools: ReadTools
  readonly filter: Filter | null
  readonly ranking: ReturnType<typeof readRanking>
  readonly includeResults: boolean
}

export function readSearchChoice(body: ResponseRequest): SearchChoice {
  refuseUnsupported(body, REFUSALS)
  const tools = readTools(body)
  const { search, param } = tools
  return {
    tools,
    filter: readFilter(search?.filters, `${param}.filters`),
    ranking: readRanking(search?.ranking_options, `${param}.ranking_options`),
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

/** Throws for what a response in the background cannot be. */
export function readBackground({ background, store }: ResponseRequest): boolean {
  if (background !== true) return false
  if (store === false) {
    throw unsupported(
      'store',
      'A response in the background is kept to be retrieved: leave it out.',
    )
  }
  return true
}

export function readFormat({ text }: ResponseRequest): AnswerFormat | null {
  const format = text?.format ?? null
  if (format === null || format.type === 'text') return null
  return format.type === 'json_schema' ? schemaFormat(format) : { type: 'json_object' }
}
