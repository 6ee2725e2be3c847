import type { Transaction } from './database.ts'
import type { Cursor } from './files.ts'

export interface ConversationRecord {
  readonly id: string
  readonly createdAt: Date
  readonly metadata: Readonly<Record<string, string>>
}

/** An item as it goes over the wire: a message, a search, a call of a tool. */
export interface StoredItem {
  readonly id: string
  readonly type: string
}

export interface Conversations {
  insert(transaction: Transaction, conversation: ConversationRecord): Promise<void>
  get(transaction: Transaction, id: string): Promise<ConversationRecord | null>
  setMetadata(
    transaction: Transaction,
    id: string,
    metadata: ConversationRecord['metadata'],
  ): Promise<ConversationRecord | null>
  /** With its items. False when there was none. */
  delete(transaction: Transaction, id: string): Promise<boolean>
  /**
   * At the end, in this order, with nothing of anybody else's between them: others who append wait for the end of
   * the transaction. False when there is no such conversation.
   */
  append(transaction: Transaction, id: string, items: readonly StoredItem[]): Promise<boolean>
  /** One more than `limit` where there are more. Throws `input_rejected` for an unknown cursor. */
  listItems(
    transaction: Transaction,
    conversationId: string,
    cursor: Cursor,
  ): Promise<readonly StoredItem[]>
  getItem(
    transaction: Transaction,
    conversationId: string,
    itemId: string,
  ): Promise<StoredItem | null>
  deleteItem(transaction: Transaction, conversationId: string, itemId: string): Promise<boolean>
}
