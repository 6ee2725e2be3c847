import type { ResponseRequest } from '../../../contract/response-request.ts'
import type { InputItem, ResponseObject } from '../../../contract/response.ts'
import { createId } from '../../../core/id.ts'
import type { Question } from '../../../core/question.ts'
import { conversationOf } from '../../ask/conversation.ts'
import { modelWishes } from '../../ask/model-wishes.ts'
import { resolveTarget } from '../../ask/target.ts'
import type { Asked } from '../../asked-by.ts'
import type { HttpDeps } from '../../http-deps.ts'
import { earlierTurns } from './earlier-turns.ts'
import { readEarlier } from './read-earlier.ts'
import { readInput } from './read-input.ts'
import { readFormat, readSearchChoice } from './read-request.ts'
import { draftResponse } from './response-draft.ts'

/** Everything known of a response before its answer begins. */
export interface PreparedResponse {
  readonly question: Question
  readonly draft: ResponseObject
  readonly createdAt: Date
  readonly items: readonly InputItem[]
  readonly includeResults: boolean
}

/** Throws for whatever of the request cannot be done. */
export async function prepareResponse(
  deps: HttpDeps,
  asked: Asked,
  body: ResponseRequest,
): Promise<PreparedResponse> {
  const { tenantId } = asked
  const { tool, filter, ranking, includeResults } = readSearchChoice(body)
  const { items, turns } = readInput(body.input)
  const before = await earlierTurns(deps, tenantId, readEarlier(body))
  const { text, history, instructions } = conversationOf([...before, ...turns], 'input')
  const target = await resolveTarget(deps, tenantId, {
    model: body.model ?? null,
    vectorStoreIds: tool?.vector_store_ids ?? null,
    param: 'tools[0].vector_store_ids',
  })
  const id = createId('resp_')
  const createdAt = new Date()
  const model = target.model ?? deps.settings.defaultModel
  const { vectorStoreIds } = target
  return {
    question: {
      answerId: id,
      ...asked,
      ...target,
      ...ranking,
      text,
      filter,
      history,
      instructions: joinTexts(body.instructions, instructions),
      maxOutputTokens: body.max_output_tokens ?? null,
      temperature: body.temperature ?? null,
      topP: body.top_p ?? null,
      maxChunks: tool?.max_num_results ?? null,
      ...modelWishes(deps, target.model, {
        tools: null,
        format: readFormat(body),
        params: { choice: 'tool_choice', format: 'text.format' },
      }),
    },
    draft: draftResponse({ id, createdAt, request: body, model, vectorStoreIds }),
    createdAt,
    items,
    includeResults,
  }
}

function joinTexts(...texts: readonly (string | null | undefined)[]): string | null {
  return (
    texts.filter((text) => text !== null && text !== undefined && text !== '').join('\n\n') || null
  )
}
