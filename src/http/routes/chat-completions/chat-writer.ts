import type {
  ChatAnnotation,
  ChatChunk,
  ChatCompletion,
  ChatUsage,
} from '../../../contract/chat-completion.ts'
import type { ChatToolCall } from '../../../contract/function-tool.ts'
import type { AnswerEvent, Citation, ToolCallEvent } from '../../../core/answer.ts'
import type { ToolCall } from '../../../core/question.ts'
import { wireProof } from '../../wire-passage.ts'
import { createStopFilter } from './stop-filter.ts'

export interface ChatDraft {
  readonly id: string
  /** Unix seconds. */
  readonly created: number
  /** As it was asked for: what is said until it is known who writes the answer. */
  readonly model: string
  readonly vectorStoreIds: readonly string[]
  readonly stop: readonly string[]
  readonly includeUsage: boolean
  readonly metadata: ChatCompletion['metadata']
  /** Of a document's text, for people. */
  readonly linkTo: (citation: Citation) => string
}

/** Turns the events of an answer into chunks, and holds the completion that they add up to. */
export interface ChatWriter {
  start(): readonly ChatChunk[]
  write(event: AnswerEvent): readonly ChatChunk[]
  /** Null until the answer is finished. */
  completion(): ChatCompletion | null
}

type Finished = Extract<AnswerEvent, { type: 'finished' }>
type Choice = ChatChunk['choices'][number]

export function createChatWriter(draft: ChatDraft): ChatWriter {
  const filter = createStopFilter(draft.stop)
  let finished: Finished | null = null
  let text = ''
  const annotations: ChatAnnotation[] = []
  /** Citations whose marker is still held back by the stop filter. */
  let held: readonly ChatAnnotation[] = []

  const chunk = (choices: Choice[], usage: ChatUsage | null = null): ChatChunk => ({
    id: draft.id,
    object: 'chat.completion.chunk',
    created: draft.created,
    model: draft.model,
    choices,
    service_tier: 'default',
    ...(draft.includeUsage ? { usage } : {}),
  })
  const delta = (content: Choice['delta']): ChatChunk =>
    chunk([{ index: 0, delta: content, logprobs: null, finish_reason: null }])

  const say = (piece: string): readonly ChatChunk[] => {
    text += piece
    const now = held.filter(({ index }) => index < filter.length)
    held = held.filter(({ index }) => index >= filter.length)
    annotations.push(...now)
    return [
      ...(piece === '' ? [] : [delta({ content: piece })]),
      ...(now.length === 0 ? [] : [delta({ annotations: now })]),
    ]
  }

  const call = (event: ToolCallEvent): readonly ChatChunk[] => {
    const { index } = event
    const piece =
      event.type === 'tool-call'
        ? { id: event.id, type: 'function' as const, function: { name: event.name, arguments: '' } }
        : { function: { arguments: event.delta } }
    return [delta({ tool_calls: [{ index, ...piece }] })]
  }

  const warn = (warnings: readonly string[]): readonly ChatChunk[] =>
    warnings.length === 0 ? [] : [{ ...delta({}), ragstone: { warnings: [...warnings] } }]

  const finish = (event: Finished): readonly ChatChunk[] => {
    finished = event
    const rest = say(filter.flush())
    const last = chunk([
      { index: 0, delta: {}, logprobs: null, finish_reason: finishReason(event, filter.stopped) },
    ])
    const usage = draft.includeUsage ? [chunk([], wireUsage(event.usage))] : []
    // From here on it is known who wrote it.
    const { model } = event
    const remarks = { ragstone: remarksOf(draft, event) }
    return [...rest, { ...last, model, ...remarks }, ...usage.map((each) => ({ ...each, model }))]
  }

  return {
    start: () => [delta({ role: 'assistant', content: '', refusal: null })],
    write(event) {
      if (event.type === 'searched') return warn(event.warnings ?? [])
      if (event.type === 'finished') return finish(event)
      if (event.type === 'tool-call' || event.type === 'tool-arguments') return call(event)
      // Behind a stop sequence the model may go on: its tokens are counted, its words are not shown.
      if (filter.stopped) return []
      if (event.type === 'text') return say(filter.push(event.delta))
      held = [...held, wireAnnotation(event.citation, draft.linkTo)]
      return say('')
    },
    completion() {
      if (finished === null) return null
      return {
        id: draft.id,
        object: 'chat.completion',
        created: draft.created,
        model: finished.model,
        choices: [
          {
            index: 0,
            finish_reason: finishReason(finished, filter.stopped),
            logprobs: null,
            message: messageOf(text, annotations, finished),
          },
        ],
        usage: wireUsage(finished.usage),
        ...(draft.metadata === undefined ? {} : { metadata: draft.metadata }),
        service_tier: 'default',
        ragstone: remarksOf(draft, finished),
      }
    },
  }
}

function wireAnnotation(citation: Citation, linkTo: ChatDraft['linkTo']): ChatAnnotation {
  return {
    type: 'url_citation',
    url_citation: {
      start_index: citation.index,
      end_index: citation.index + `[${citation.number}]`.length,
      title: citation.filename,
      url: linkTo(citation),
    },
    file_id: citation.fileId,
    filename: citation.filename,
    index: citation.index,
    ragstone: wireProof(citation),
  }
}

type ChatMessage = ChatCompletion['choices'][number]['message']

function messageOf(
  text: string,
  annotations: ChatAnnotation[],
  { toolCalls = [] }: Finished,
): ChatMessage {
  const message = { role: 'assistant' as const, refusal: null, annotations }
  if (toolCalls.length === 0) return { ...message, content: text }
  return { ...message, content: text === '' ? null : text, tool_calls: toolCalls.map(wireCall) }
}

function wireCall({ id, name, arguments: input }: ToolCall): ChatToolCall {
  return { id, type: 'function', function: { name, arguments: input } }
}

function finishReason({ reason, toolCalls = [] }: Finished, stopped: boolean): Finished['reason'] {
  if (toolCalls.length > 0 && reason === 'stop') return 'tool_calls'
  return stopped ? 'stop' : reason
}

function wireUsage({ inputTokens, cachedTokens = 0, outputTokens }: Finished['usage']): ChatUsage {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
    completion_tokens_details: { reasoning_tokens: 0 },
  }
}

function remarksOf({ vectorStoreIds }: ChatDraft, { model, outcome, notices }: Finished) {
  return { model, outcome, notices: [...notices], vector_store_ids: [...vectorStoreIds] }
}
