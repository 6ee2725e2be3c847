import type { ChatRequest } from '../../../contract/chat-completion.ts'
import { createId } from '../../../core/id.ts'
import type { AnswerFormat, Question, Tools } from '../../../core/question.ts'
import { conversationOf } from '../../ask/conversation.ts'
import { functionTool, modelWishes, schemaFormat } from '../../ask/model-wishes.ts'
import { NO_TOKENS, refuseUnsupported, type Refusal } from '../../ask/refusals.ts'
import { resolveTarget } from '../../ask/target.ts'
import type { Asked } from '../../asked-by.ts'
import { readFilter } from '../../filter-reader.ts'
import type { HttpDeps } from '../../http-deps.ts'
import { unsupported } from '../../request-error.ts'
import { readChatTurns } from './read-chat-turns.ts'

const REFUSALS: Readonly<Record<string, Refusal>> = {
  n: { unless: [1], because: 'one answer at a time; leave it out.' },
  functions: { unless: [[]], because: "functions are tools now; use 'tools'." },
  function_call: { unless: ['auto', 'none'], because: "use 'tools' and 'tool_choice'." },
  logprobs: { unless: [false], because: NO_TOKENS },
  top_logprobs: { unless: [0], because: NO_TOKENS },
  logit_bias: {
    unless: [{}],
    because: 'numbers of tokens are those of one model, and another may answer.',
  },
  modalities: { unless: [['text']], because: 'only texts can be asked and answered.' },
  audio: { unless: [], because: 'only texts can be asked and answered.' },
  web_search_options: { unless: [], because: 'only the documents are searched.' },
  moderation: { unless: [], because: 'there is no moderation model here.' },
}

/** Throws for whatever of the request cannot be done. */
export async function readChatRequest(
  deps: HttpDeps,
  asked: Asked,
  body: ChatRequest,
): Promise<Question> {
  refuseUnsupported(body, REFUSALS)
  const filter = readFilter(body.filters, 'filters')
  const turns = readChatTurns(body.messages)
  const { text, history, steps, instructions } = conversationOf(turns, 'messages')
  const target = await resolveTarget(deps, asked.tenantId, {
    model: body.model,
    vectorStoreIds: body.vector_store_ids ?? null,
    param: 'vector_store_ids',
  })
  return {
    answerId: createId('chatcmpl-'),
    ...asked,
    ...target,
    text,
    filter,
    history,
    instructions,
    maxOutputTokens: body.max_completion_tokens ?? body.max_tokens ?? null,
    temperature: body.temperature ?? null,
    topP: body.top_p ?? null,
    maxChunks: null,
    ...samplingOf(body),
    ...(steps.length === 0 ? {} : { steps }),
    ...modelWishes(deps, target.model, {
      tools: readTools(body),
      format: readFormat(body),
      params: { choice: 'tool_choice', format: 'response_format' },
    }),
  }
}

function samplingOf(body: ChatRequest): Pick<Question, 'sampling'> {
  const { frequency_penalty: frequency, presence_penalty: presence, seed } = body
  const sampling = {
    ...(typeof frequency === 'number' ? { frequencyPenalty: frequency } : {}),
    ...(typeof presence === 'number' ? { presencePenalty: presence } : {}),
    ...(typeof seed === 'number' ? { seed } : {}),
  }
  return Object.keys(sampling).length === 0 ? {} : { sampling }
}

function readTools({
  tools,
  tool_choice: choice,
  parallel_tool_calls: parallel,
}: ChatRequest): Tools | null {
  if ((tools ?? []).length === 0) {
    if (choice === undefined || choice === null || choice === 'auto' || choice === 'none')
      return null
    throw unsupported('tool_choice', "'tool_choice' is only for requests with 'tools'.")
  }
  return {
    functions: (tools ?? []).map((tool) => functionTool(tool.function)),
    choice: typeof choice === 'object' && choice !== null ? choice.function : (choice ?? 'auto'),
    parallel: parallel ?? null,
  }
}

function readFormat({ response_format: format }: ChatRequest): AnswerFormat | null {
  if (format === undefined || format === null || format.type === 'text') return null
  return format.type === 'json_schema' ? schemaFormat(format.json_schema) : { type: 'json_object' }
}
