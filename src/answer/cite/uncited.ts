import type { GenerateEvent } from '../../core/ports/chat-model.ts'
import type { CitedEvent } from './cite.ts'

/** For an answer that a program reads: `[1]` in JSON is a list, not a marker, so nothing is looked for or removed. */
export async function* uncited(events: AsyncIterable<GenerateEvent>): AsyncGenerator<CitedEvent> {
  let text = ''
  for await (const event of events) {
    if (event.type === 'text') {
      text += event.text
      yield { type: 'text', delta: event.text }
    } else if (event.type === 'finish') {
      const { reason, usage } = event
      yield { type: 'end', text, citations: [], removed: [], reason, usage }
    } else {
      yield event
    }
  }
}
