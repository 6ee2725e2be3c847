import type { FileSearchCall } from '../../../contract/response.ts'
import type { Emit, OutputPlace } from './response-events.ts'

/** The search as an item of the output, and its events. */
export interface SearchOutput {
  readonly item: FileSearchCall
  /** Does nothing when it has ended. */
  end(query: string, results: FileSearchCall['results']): void
  fail(): void
}

export function beginSearch(emit: Emit, { id, output_index }: OutputPlace): SearchOutput {
  const item: FileSearchCall = {
    id,
    type: 'file_search_call',
    status: 'in_progress',
    queries: [],
    results: null,
  }
  const at = { output_index, item_id: id }
  emit({ type: 'response.output_item.added', output_index, item })
  emit({ type: 'response.file_search_call.in_progress', ...at })
  emit({ type: 'response.file_search_call.searching', ...at })
  item.status = 'searching'
  return {
    item,
    end(query, results) {
      if (item.status !== 'searching') return
      item.status = 'completed'
      item.queries = [query]
      item.results = results
      emit({ type: 'response.file_search_call.completed', ...at })
      emit({ type: 'response.output_item.done', output_index, item })
    },
    fail() {
      if (item.status === 'searching') item.status = 'failed'
    },
  }
}
