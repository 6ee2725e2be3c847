import type { OutputItem, ResponseObject } from '../../../contract/response.ts'
import type { ResponseEvent } from './response-events.ts'
import type { KeptResponse } from './kept-response.ts'

/** The passages that were found are given to those who ask for them: `include: ["file_search_call.results"]`. */
export function visibleResponse(response: KeptResponse, includeResults: boolean): ResponseObject {
  const { journal: _, ...visible } = response
  if (includeResults) return visible
  return { ...visible, output: visible.output.map(withoutResults) }
}

export function visibleEvent(event: ResponseEvent, includeResults: boolean): ResponseEvent {
  if (includeResults) return event
  if ('response' in event) return { ...event, response: visibleResponse(event.response, false) }
  return 'item' in event ? { ...event, item: withoutResults(event.item) } : event
}

function withoutResults<Item extends OutputItem>(item: Item): Item {
  return item.type === 'file_search_call' ? { ...item, results: null } : item
}
