import type { FileCitation, ResponseObject } from '../../../contract/response.ts'
import type { AnswerEvent, Citation, FinishReason } from '../../../core/answer.ts'
import { unixSeconds } from '../../unix-seconds.ts'
import type { WireFailure } from '../../wire-failure.ts'
import { wireFileSearchResult, wireProof } from '../../wire-passage.ts'
import type { Journal } from './journal.ts'
import type { ResponseEvent } from './response-events.ts'
import { createResponseScript, type ResponseScript } from './response-script.ts'

/** Turns the events of an answer into those of a response. Holds the response as it stands. */
export interface ResponseWriter {
  readonly response: ResponseObject
  readonly journal: Journal
  /** Of a response in the background. */
  queue(): readonly ResponseEvent[]
  start(): readonly ResponseEvent[]
  write(event: AnswerEvent): readonly ResponseEvent[]
  fail(failure: WireFailure): readonly ResponseEvent[]
}

type Finished = Extract<AnswerEvent, { type: 'finished' }>

export function createResponseWriter(draft: ResponseObject, question: string): ResponseWriter {
  const script = createResponseScript(draft)
  const { response, journal } = script
  const take = () => script.take()
  return {
    response,
    journal,
    queue() {
      script.queue()
      return take()
    },
    start() {
      script.start()
      return take()
    },
    write(event) {
      if (event.type === 'searched') {
        script.endSearch(event.query, event.chunks.map(wireFileSearchResult))
        script.warn(event.warnings ?? [])
        return take()
      }
      // An answer that searched for nothing searched for its question.
      script.endSearch(question, null)
      write(script, event)
      return take()
    },
    fail(failure) {
      script.fail({ code: errorCode(failure), message: failure.message })
      return take()
    },
  }
}

function write(script: ResponseScript, event: Exclude<AnswerEvent, { type: 'searched' }>): void {
  switch (event.type) {
    case 'text':
      return script.write(event.delta)
    case 'citation':
      return script.cite(wireCitation(event.citation, script.closed))
    case 'tool-call':
      return script.call({ call_id: event.id, name: event.name })
    case 'tool-arguments':
      return script.writeArguments(event.index, event.delta)
    case 'finished':
      return script.finish(endOf(event), lastWords(event, script.closed))
  }
}

function endOf(event: Finished): Parameters<ResponseScript['finish']>[0] {
  const isWhole = event.reason === 'stop' || event.reason === 'tool_calls'
  return {
    status: isWhole ? 'completed' : 'incomplete',
    completed_at: isWhole ? unixSeconds(new Date()) : null,
    incomplete_details: isWhole ? null : incompleteDetails(event.reason),
    model: event.model,
    usage: wireUsage(event.usage),
    outcome: event.outcome,
    notices: [...event.notices],
  }
}

/** What the last message says. A model that asks for tools may say nothing more. */
function lastWords({ text, citations, toolCalls = [] }: Finished, closed: number) {
  const rest = text.slice(closed)
  if (rest === '' && toolCalls.length > 0) return null
  const annotations = citations
    .filter(({ index }) => index >= closed)
    .map((citation) => wireCitation(citation, closed))
  return { text: rest, annotations }
}

/** `closed`: how much text of the answer stands in messages before this one. */
function wireCitation(citation: Citation, closed: number): FileCitation {
  return {
    type: 'file_citation',
    file_id: citation.fileId,
    filename: citation.filename,
    index: citation.index - closed,
    ragstone: wireProof(citation),
  }
}

function incompleteDetails(reason: FinishReason): ResponseObject['incomplete_details'] {
  return { reason: reason === 'length' ? 'max_output_tokens' : 'content_filter' }
}

function wireUsage({
  inputTokens,
  cachedTokens = 0,
  outputTokens,
}: Finished['usage']): ResponseObject['usage'] {
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cachedTokens, cache_write_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  }
}

function errorCode({ status }: WireFailure): NonNullable<ResponseObject['error']>['code'] {
  // Of a budget too: OpenAI has no word of its own for it.
  if (status === 429 || status === 402) return 'rate_limit_exceeded'
  return status < 500 ? 'invalid_prompt' : 'server_error'
}
