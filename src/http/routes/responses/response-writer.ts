import type {
  FileCitation,
  FileSearchCall,
  OutputMessage,
  ResponseObject,
} from '../../../contract/response.ts'
import type { AnswerEvent, Citation, FinishReason } from '../../../core/answer.ts'
import { createId } from '../../../core/id.ts'
import { unixSeconds } from '../../unix-seconds.ts'
import type { WireFailure } from '../../wire-failure.ts'
import { wireFileSearchResult, wireProof } from '../../wire-passage.ts'
import type { ResponseEvent, ResponseEventBody } from './response-events.ts'

/**
 * Turns the events of an answer into those of a response, in OpenAI's order: the search call is output 0,
 * the message output 1, and every event has its number. Holds the response as it stands.
 */
export interface ResponseWriter {
  readonly response: ResponseObject
  start(): readonly ResponseEvent[]
  write(event: AnswerEvent): readonly ResponseEvent[]
  fail(failure: WireFailure): readonly ResponseEvent[]
}

type Finished = Extract<AnswerEvent, { type: 'finished' }>

const SEARCH = { output_index: 0 }
const MESSAGE = { output_index: 1 }

export function createResponseWriter(draft: ResponseObject, question: string): ResponseWriter {
  const response: ResponseObject = { ...draft }
  const call: FileSearchCall = {
    id: createId('fs_'),
    type: 'file_search_call',
    status: 'in_progress',
    queries: [],
    results: null,
  }
  const message: OutputMessage = {
    id: createId('msg_'),
    type: 'message',
    role: 'assistant',
    status: 'in_progress',
    content: [],
  }
  const part = {
    type: 'output_text' as const,
    text: '',
    annotations: [] as FileCitation[],
    logprobs: [],
  }
  const atCall = { ...SEARCH, item_id: call.id }
  const atPart = { ...MESSAGE, item_id: message.id, content_index: 0 }

  let number = 0
  let waiting: ResponseEvent[] = []
  /** An event keeps what was true when it happened. */
  const emit = (body: ResponseEventBody): void => {
    waiting.push({ ...structuredClone(body), sequence_number: number++ })
  }
  const taken = (): readonly ResponseEvent[] => {
    const events = waiting
    waiting = []
    return events
  }

  const start = (): void => {
    emit({ type: 'response.created', response })
    emit({ type: 'response.in_progress', response })
    emit({ type: 'response.output_item.added', ...SEARCH, item: call })
    emit({ type: 'response.file_search_call.in_progress', ...atCall })
    emit({ type: 'response.file_search_call.searching', ...atCall })
    call.status = 'searching'
    response.output = [call]
  }

  const endSearch = (query: string): void => {
    if (call.status === 'completed') return
    call.status = 'completed'
    call.queries = [query]
    emit({ type: 'response.file_search_call.completed', ...atCall })
    emit({ type: 'response.output_item.done', ...SEARCH, item: call })
  }

  const beginMessage = (): void => {
    if (message.content.length > 0) return
    endSearch(question)
    emit({ type: 'response.output_item.added', ...MESSAGE, item: message })
    message.content = [part]
    response.output = [call, message]
    emit({ type: 'response.content_part.added', ...atPart, part })
  }

  const finish = (event: Finished): void => {
    beginMessage()
    const whole = event.reason === 'stop'
    part.text = event.text
    part.annotations = event.citations.map(wireCitation)
    message.status = whole ? 'completed' : 'incomplete'
    emit({ type: 'response.output_text.done', ...atPart, text: part.text, logprobs: [] })
    emit({ type: 'response.content_part.done', ...atPart, part })
    emit({ type: 'response.output_item.done', ...MESSAGE, item: message })
    response.status = whole ? 'completed' : 'incomplete'
    response.completed_at = whole ? unixSeconds(new Date()) : null
    response.incomplete_details = incompleteDetails(event.reason)
    response.model = event.model
    response.usage = wireUsage(event.usage)
    response.ragstone = {
      ...response.ragstone,
      outcome: event.outcome,
      notices: [...event.notices],
    }
    emit({ type: whole ? 'response.completed' : 'response.incomplete', response })
  }

  const write = (event: AnswerEvent): void => {
    if (event.type === 'searched') {
      call.results = event.chunks.map(wireFileSearchResult)
      return endSearch(event.query)
    }
    if (event.type === 'finished') return finish(event)
    // Tools of the caller's are refused at the door.
    if (event.type === 'tool-call' || event.type === 'tool-arguments') return
    beginMessage()
    if (event.type === 'text') {
      part.text += event.delta
      const { delta } = event
      return emit({ type: 'response.output_text.delta', ...atPart, delta, logprobs: [] })
    }
    const annotation = wireCitation(event.citation)
    const annotation_index = part.annotations.push(annotation) - 1
    emit({ type: 'response.output_text.annotation.added', ...atPart, annotation_index, annotation })
  }

  return {
    response,
    start() {
      start()
      return taken()
    },
    write(event) {
      write(event)
      return taken()
    },
    fail(failure) {
      if (call.status !== 'completed') call.status = 'failed'
      message.status = 'incomplete'
      response.status = 'failed'
      response.completed_at = null
      response.error = { code: errorCode(failure), message: failure.message }
      emit({ type: 'response.failed', response })
      return taken()
    },
  }
}

function wireCitation(citation: Citation): FileCitation {
  return {
    type: 'file_citation',
    file_id: citation.fileId,
    filename: citation.filename,
    index: citation.index,
    ragstone: wireProof(citation),
  }
}

function incompleteDetails(reason: FinishReason): ResponseObject['incomplete_details'] {
  if (reason === 'stop') return null
  return { reason: reason === 'length' ? 'max_output_tokens' : 'content_filter' }
}

function wireUsage({ inputTokens, outputTokens }: Finished['usage']): ResponseObject['usage'] {
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  }
}

function errorCode({ status }: WireFailure): NonNullable<ResponseObject['error']>['code'] {
  if (status === 429) return 'rate_limit_exceeded'
  return status < 500 ? 'invalid_prompt' : 'server_error'
}
