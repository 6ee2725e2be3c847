import type { ToolCallEvent } from '../core/answer.ts'
import type { ToolCall } from '../core/question.ts'

/** Puts the calls of an answer together from their pieces. */
export function createToolCalls(): {
  readonly calls: readonly ToolCall[]
  /** Gives the event back. */
  noted<Event extends ToolCallEvent | { readonly type: 'citation' | 'text' }>(event: Event): Event
} {
  const calls: ToolCall[] = []
  return {
    calls,
    noted(event) {
      if (event.type === 'tool-call') {
        calls[event.index] = { id: event.id, name: event.name, arguments: '' }
      }
      if (event.type === 'tool-arguments') {
        const call = calls[event.index]
        if (call === undefined) throw new Error('Arguments came for a call that had not begun.')
        calls[event.index] = { ...call, arguments: call.arguments + event.delta }
      }
      return event
    },
  }
}
