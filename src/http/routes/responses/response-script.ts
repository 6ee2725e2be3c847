import type {
  FileCitation,
  FileSearchCall,
  FunctionCall,
  OutputText,
  ResponseObject,
} from '../../../contract/response.ts'
import { beginCall, type CallOutput } from './call-output.ts'
import type { Journal } from './journal.ts'
import { beginMessage, type MessageOutput } from './message-output.ts'
import { outputItemId } from './output-item-id.ts'
import type { ResponseEvent, ResponseEventBody } from './response-events.ts'
import { beginSearch, type SearchOutput } from './search-output.ts'

export type ScriptedEnd = Pick<
  ResponseObject,
  'completed_at' | 'incomplete_details' | 'model' | 'status' | 'usage'
> &
  Pick<ResponseObject['ragstone'], 'notices' | 'outcome'>

/**
 * A response as it is written, and its events in OpenAI's order: one item is done before the next is added, and every
 * event has its number. The search comes first.
 */
export interface ResponseScript {
  readonly response: ResponseObject
  readonly journal: Journal
  /** UTF-16 units of text in the messages that are done. */
  readonly closed: number
  queue(): void
  start(): void
  endSearch(query: string, results: FileSearchCall['results']): void
  /** Sentences about budgets that run low. OpenAI has no event for them, and strict clients know no other: the response is told again. */
  warn(warnings: readonly string[]): void
  write(delta: string): void
  cite(annotation: FileCitation): void
  call(called: Pick<FunctionCall, 'call_id' | 'name'>): void
  writeArguments(index: number, delta: string): void
  /** `said` is what the last message says in the end; null where there is none to come. */
  finish(end: ScriptedEnd, said: Pick<OutputText, 'annotations' | 'text'> | null): void
  fail(error: NonNullable<ResponseObject['error']>): void
  /** The events since this was last called. */
  take(): readonly ResponseEvent[]
}

export function createResponseScript(draft: ResponseObject): ResponseScript {
  const response: ResponseObject = { ...draft, output: [] }
  const journal: Journal = { model: draft.model, steps: [] }
  const calls: CallOutput[] = []
  let search: SearchOutput | null = null
  let message: MessageOutput | null = null
  let closed = 0
  let number = 0
  let waiting: ResponseEvent[] = []

  /** An event keeps what was true when it happened. */
  const emit = (body: ResponseEventBody): void => {
    waiting.push({ ...structuredClone(body), sequence_number: number++ })
  }
  const place = (prefix: 'fc_' | 'fs_' | 'msg_') => {
    const output_index = response.output.length
    return { id: outputItemId(prefix, response.id, output_index), output_index }
  }
  /** The call that is being written, if it is one. */
  const openCall = () => calls.find(({ item }) => item.status === 'in_progress')

  const openMessage = (): MessageOutput => {
    if (message !== null) return message
    openCall()?.end(true)
    message = beginMessage(emit, place('msg_'))
    response.output.push(message.item)
    return message
  }
  const closeMessage = (isWhole: boolean): void => {
    if (message === null) return
    closed += message.text.length
    message.end({ text: message.text, annotations: annotationsOf(message) }, isWhole)
    message = null
  }

  return {
    response,
    journal,
    get closed() {
      return closed
    },
    queue() {
      emit({ type: 'response.created', response })
      emit({ type: 'response.queued', response })
    },
    start() {
      response.status = 'in_progress'
      if (number === 0) emit({ type: 'response.created', response })
      emit({ type: 'response.in_progress', response })
      search = beginSearch(emit, place('fs_'))
      response.output.push(search.item)
    },
    endSearch(query, results) {
      search?.end(query, results)
    },
    warn(warnings) {
      if (warnings.length === 0) return
      response.ragstone = { ...response.ragstone, notices: [...warnings] }
      emit({ type: 'response.in_progress', response })
      journal.steps.push({ warnings })
    },
    write(delta) {
      openMessage().write(delta)
      journal.steps.push({ text: delta.length })
    },
    cite(annotation) {
      openMessage().cite(annotation)
      journal.steps.push('cite')
    },
    call(called) {
      closeMessage(true)
      openCall()?.end(true)
      const call = beginCall(emit, place('fc_'), called)
      calls.push(call)
      response.output.push(call.item)
      journal.steps.push('call')
    },
    writeArguments(index, delta) {
      calls[index]?.write(delta)
      journal.steps.push({ call: index, arguments: delta.length })
    },
    finish({ outcome, notices, ...end }, said) {
      const isWhole = end.status === 'completed'
      if (said === null) closeMessage(isWhole)
      else openMessage().end(said, isWhole)
      openCall()?.end(isWhole)
      Object.assign(response, end)
      response.ragstone = { ...response.ragstone, outcome, notices }
      emit({ type: isWhole ? 'response.completed' : 'response.incomplete', response })
    },
    fail(error) {
      search?.fail()
      for (const item of response.output) {
        if (item.status === 'in_progress') item.status = 'incomplete'
      }
      Object.assign(response, { status: 'failed', completed_at: null, error })
      emit({ type: 'response.failed', response })
    },
    take() {
      const events = waiting
      waiting = []
      return events
    },
  }
}

function annotationsOf({ item }: MessageOutput): FileCitation[] {
  return item.content.flatMap(({ annotations }) => annotations)
}
