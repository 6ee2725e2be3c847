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
import { joinCalls } from './join-calls.ts'
import { readEarlier } from './read-earlier.ts'
import { readInput } from './read-input.ts'
import { readFormat, readSearchChoice } from './read-request.ts'
import { resolveReferences } from './resolve-references.ts'
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
  const { tools, filter, ranking, includeResults } = readSearchChoice(body)
  const { items, said } = readInput(await resolveReferences(deps, tenantId, body.input))
  const before = await earlierTurns(deps, tenantId, readEarlier(body))
  const turns = joinCalls(before, said)
  const { text, history, steps, instructions } = conversationOf(turns, 'input')
  const target = await resolveTarget(deps, tenantId, {
    model: body.model ?? null,
    vectorStoreIds: tools.search?.vector_store_ids ?? null,
    param: `${tools.param}.vector_store_ids`,
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
      maxChunks: tools.search?.max_num_results ?? null,
      ...(steps.length === 0 ? {} : { steps }),
      ...modelWishes(deps, target.model, {
        tools: tools.functions,
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
