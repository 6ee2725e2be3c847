import type { FileCitation, OutputMessage, OutputText } from '../../../contract/response.ts'
import type { Emit, OutputPlace } from './response-events.ts'

/** A message as an item of the output, and its events. */
export interface MessageOutput {
  readonly item: OutputMessage
  readonly text: string
  write(delta: string): void
  cite(annotation: FileCitation): void
  /** With what it says in the end. */
  end(said: Pick<OutputText, 'annotations' | 'text'>, isWhole: boolean): void
}

export function beginMessage(emit: Emit, { id, output_index }: OutputPlace): MessageOutput {
  const part: OutputText = { type: 'output_text', text: '', annotations: [], logprobs: [] }
  const item: OutputMessage = {
    id,
    type: 'message',
    role: 'assistant',
    status: 'in_progress',
    content: [],
  }
  const at = { output_index, item_id: id, content_index: 0 }
  emit({ type: 'response.output_item.added', output_index, item })
  item.content = [part]
  emit({ type: 'response.content_part.added', ...at, part })
  return {
    item,
    get text() {
      return part.text
    },
    write(delta) {
      part.text += delta
      emit({ type: 'response.output_text.delta', ...at, delta, logprobs: [] })
    },
    cite(annotation) {
      const annotation_index = part.annotations.push(annotation) - 1
      emit({
        type: 'response.output_text.annotation.added',
        ...at,
        annotation_index,
        annotation,
      })
    },
    end({ text, annotations }, isWhole) {
      part.text = text
      part.annotations = annotations
      item.status = isWhole ? 'completed' : 'incomplete'
      emit({ type: 'response.output_text.done', ...at, text, logprobs: [] })
      emit({ type: 'response.content_part.done', ...at, part })
      emit({ type: 'response.output_item.done', output_index, item })
    },
  }
}
