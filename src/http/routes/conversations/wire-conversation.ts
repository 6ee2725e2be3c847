import type { ConversationItem, WireConversation } from '../../../contract/conversation.ts'
import type { ConversationRecord, StoredItem } from '../../../core/ports/conversations.ts'
import { unixSeconds } from '../../unix-seconds.ts'

export function wireConversation(record: ConversationRecord): WireConversation {
  return {
    id: record.id,
    object: 'conversation',
    created_at: unixSeconds(record.createdAt),
    metadata: { ...record.metadata },
  }
}

/** The passages of a search are given to those who ask for them. */
export function wireItem(stored: StoredItem, includeResults: boolean): ConversationItem {
  // Stored by these routes or with a response, so of these shapes.
  const item = stored as ConversationItem
  if (item.type === 'message') return { ...item, content: item.content.map(wholePart) }
  if (item.type !== 'file_search_call') return item
  return includeResults ? item : { ...item, results: null }
}

type Part = Extract<ConversationItem, { type: 'message' }>['content'][number]

/** What a client gives as said by the assistant comes without proof. */
function wholePart(part: Part): Part {
  if (part.type === 'input_text') return part
  return { ...part, annotations: part.annotations ?? [], logprobs: part.logprobs ?? [] }
}
