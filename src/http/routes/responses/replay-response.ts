import type { OutputItem, ResponseObject } from '../../../contract/response.ts'
import type { Journal, JournalStep } from './journal.ts'
import type { ResponseEvent } from './response-events.ts'
import { createResponseScript, type ResponseScript } from './response-script.ts'

/** The events that a response in the background has given so far, from the first. */
export function replayResponse(
  response: ResponseObject,
  journal: Journal,
): readonly ResponseEvent[] {
  const script = createResponseScript(draftOf(response, journal))
  script.queue()
  if (response.status === 'queued') return script.take()
  script.start()
  const [search, ...written] = response.output
  if (search?.type === 'file_search_call' && search.status === 'completed') {
    script.endSearch(search.queries[0] ?? '', search.results)
  }
  const reader = createReader(written)
  for (const step of journal.steps) perform(script, reader, step)
  end(script, response)
  return script.take()
}

/** As it was before anything had come of it. */
function draftOf(response: ResponseObject, { model }: Journal): ResponseObject {
  const { vector_store_ids } = response.ragstone
  return {
    ...response,
    model,
    status: 'queued',
    completed_at: null,
    error: null,
    incomplete_details: null,
    output: [],
    usage: null,
    ragstone: { outcome: null, notices: [], vector_store_ids },
  }
}

function end(script: ResponseScript, response: ResponseObject): void {
  const { status, output, error, ragstone } = response
  if (status === 'failed' && error !== null) return script.fail(error)
  if (status !== 'completed' && status !== 'incomplete') return
  const { completed_at, incomplete_details, model, usage } = response
  const { outcome, notices } = ragstone
  const last = output.at(-1)
  const [said = null] = last?.type === 'message' ? last.content : []
  script.finish(
    { status, completed_at, incomplete_details, model, usage, outcome, notices },
    said === null ? null : structuredClone(said),
  )
}

function perform(script: ResponseScript, reader: Reader, step: JournalStep): void {
  if (step === 'cite') {
    const annotation = reader.annotation()
    if (annotation !== undefined) script.cite(structuredClone(annotation))
  } else if (step === 'call') {
    const called = reader.call()
    if (called !== undefined) script.call({ call_id: called.call_id, name: called.name })
  } else if ('warnings' in step) {
    script.warn(step.warnings)
  } else if ('text' in step) {
    script.write(reader.text(step.text))
  } else {
    script.writeArguments(step.call, reader.arguments(step.call, step.arguments))
  }
}

type Reader = ReturnType<typeof createReader>

/** Reads the texts of what was written, piece by piece. */
function createReader(written: readonly OutputItem[]) {
  const calls = written.flatMap((item) => (item.type === 'function_call' ? [item] : []))
  const read = calls.map(() => 0)
  let called = 0
  /** The message being read: the first, or the one behind the call that was last begun. */
  let place = 0
  let units = 0
  let annotations = 0
  const part = () => {
    const next = written.slice(place).findIndex(({ type }) => type === 'message')
    const item = written[place + next]
    return next >= 0 && item?.type === 'message' ? item.content[0] : undefined
  }
  return {
    text(length: number): string {
      const piece = part()?.text.slice(units, units + length) ?? ''
      units += length
      return piece
    },
    annotation: () => part()?.annotations[annotations++],
    call() {
      const call = calls[called++]
      place = call === undefined ? written.length : written.indexOf(call) + 1
      units = 0
      annotations = 0
      return call
    },
    arguments(index: number, length: number): string {
      const from = read[index] ?? 0
      read[index] = from + length
      return calls[index]?.arguments.slice(from, from + length) ?? ''
    },
  }
}
