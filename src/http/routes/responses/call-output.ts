import type { FunctionCall } from '../../../contract/response.ts'
import type { Emit, OutputPlace } from './response-events.ts'

/** A call of the caller's function as an item of the output, and its events. */
export interface CallOutput {
  readonly item: FunctionCall
  write(delta: string): void
  end(isWhole: boolean): void
}

export function beginCall(
  emit: Emit,
  { id, output_index }: OutputPlace,
  called: Pick<FunctionCall, 'call_id' | 'name'>,
): CallOutput {
  const item: FunctionCall = {
    id,
    type: 'function_call',
    ...called,
    arguments: '',
    status: 'in_progress',
  }
  const at = { output_index, item_id: id }
  emit({ type: 'response.output_item.added', output_index, item })
  return {
    item,
    write(delta) {
      item.arguments += delta
      emit({ type: 'response.function_call_arguments.delta', ...at, delta })
    },
    end(isWhole) {
      item.status = isWhole ? 'completed' : 'incomplete'
      const { arguments: written, name } = item
      emit({ type: 'response.function_call_arguments.done', ...at, arguments: written, name })
      emit({ type: 'response.output_item.done', output_index, item })
    },
  }
}
