import type { ResponseRequest } from '../../../contract/response-request.ts'
import type { ResponseObject } from '../../../contract/response.ts'
import { unixSeconds } from '../../unix-seconds.ts'
import { readEarlier } from './read-earlier.ts'

export interface DraftedResponse {
  readonly id: string
  readonly createdAt: Date
  readonly request: ResponseRequest
  /** Who is to answer, by its registry name. */
  readonly model: string
  readonly vectorStoreIds: readonly string[]
}

/** A response that has just begun: everything it says of its request, and nothing yet of its answer. */
export function draftResponse(draft: DraftedResponse): ResponseObject {
  const { conversationId } = readEarlier(draft.request)
  return {
    id: draft.id,
    object: 'response',
    created_at: unixSeconds(draft.createdAt),
    completed_at: null,
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    model: draft.model,
    output: [],
    conversation: conversationId === null ? null : { id: conversationId },
    reasoning: { effort: null, summary: null },
    service_tier: 'default',
    text: { format: draft.request.text?.format ?? { type: 'text' } },
    top_logprobs: 0,
    usage: null,
    access_programs: null,
    ...wishesOf(draft.request),
    ...contextOf(draft.request),
    ragstone: { outcome: null, notices: [], vector_store_ids: [...draft.vectorStoreIds] },
  }
}

/** As they were stated; null leaves a thing to the model. */
function wishesOf(request: ResponseRequest) {
  return {
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    metadata: request.metadata ?? {},
    previous_response_id: request.previous_response_id ?? null,
    store: request.store ?? true,
    temperature: request.temperature ?? null,
    top_p: request.top_p ?? null,
    truncation: request.truncation ?? ('disabled' as const),
  }
}

function contextOf(request: ResponseRequest) {
  return {
    max_tool_calls: request.max_tool_calls ?? null,
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    tool_choice: request.tool_choice ?? 'auto',
    tools: request.tools ?? [],
    prompt_cache_key: request.prompt_cache_key ?? null,
    safety_identifier: request.safety_identifier ?? null,
    ...(request.user === undefined ? {} : { user: request.user }),
  }
}
