import { AppError } from '../core/errors.ts'
import type { ConversationRecord, Conversations, StoredItem } from '../core/ports/conversations.ts'
import type { Transaction } from '../core/ports/database.ts'
import type { Cursor } from '../core/ports/files.ts'
import { storableJson } from './storable-json.ts'

export function createConversations(): Conversations {
  return {
    async insert(transaction, conversation) {
      await transaction.query(
        'insert into conversations (tenant_id, id, created_at, metadata) values ($1, $2, $3, $4::jsonb)',
        [
          transaction.tenantId,
          conversation.id,
          conversation.createdAt,
          storableJson(conversation.metadata),
        ],
      )
    },

    async get(transaction, id) {
      const [row] = await transaction.query<ConversationRow>(
        'select id, created_at, metadata from conversations where tenant_id = $1 and id = $2',
        [transaction.tenantId, id],
      )
      return row === undefined ? null : toConversation(row)
    },

    async setMetadata(transaction, id, metadata) {
      const [row] = await transaction.query<ConversationRow>(
        `update conversations set metadata = $3::jsonb where tenant_id = $1 and id = $2
         returning id, created_at, metadata`,
        [transaction.tenantId, id, storableJson(metadata)],
      )
      return row === undefined ? null : toConversation(row)
    },

    async delete(transaction, id) {
      const rows = await transaction.query(
        'delete from conversations where tenant_id = $1 and id = $2 returning id',
        [transaction.tenantId, id],
      )
      return rows.length > 0
    },

    async append(transaction, id, items) {
      // The row stays locked until the end of the transaction: that is what keeps items of one turn together.
      const [row] = await transaction.query<{ first: string }>(
        `update conversations set next_position = next_position + $3 where tenant_id = $1 and id = $2
         returning (next_position - $3)::text as first`,
        [transaction.tenantId, id, items.length],
      )
      if (row === undefined) return false
      await transaction.query(
        `insert into conversation_items (tenant_id, conversation_id, id, position, item)
         select $1, $2, item ->> 'id', $3::bigint + place - 1, item
         from jsonb_array_elements($4::jsonb) with ordinality as given (item, place)`,
        [transaction.tenantId, id, row.first, storableJson(items)],
      )
      return true
    },

    async listItems(transaction, conversationId, cursor) {
      const { after, before, limit } = cursor
      const given = [after, before].filter((id) => id !== null)
      const rows = await transaction.query<ItemRow>(listStatement(cursor), [
        transaction.tenantId,
        conversationId,
        limit + 1,
        ...given,
      ])
      const items = rows.map((row) => row.item)
      // Nothing is after an unknown cursor, so only an empty page leaves the question open.
      if (rows.length === 0) await insistOnCursors(transaction, conversationId, cursor)
      if (!isBackwards(cursor)) return items
      return [...items.slice(0, limit).toReversed(), ...items.slice(limit)]
    },

    getItem: findItem,

    async deleteItem(transaction, conversationId, itemId) {
      const rows = await transaction.query(
        'delete from conversation_items where tenant_id = $1 and conversation_id = $2 and id = $3 returning id',
        [transaction.tenantId, conversationId, itemId],
      )
      return rows.length > 0
    },
  }
}

const findItem: Conversations['getItem'] = async (transaction, conversationId, itemId) => {
  const [row] = await transaction.query<ItemRow>(
    'select item from conversation_items where tenant_id = $1 and conversation_id = $2 and id = $3',
    [transaction.tenantId, conversationId, itemId],
  )
  return row?.item ?? null
}

/** The page that ends at its cursor: read from there. */
function isBackwards({ after, before }: Cursor): boolean {
  return before !== null && after === null
}

function listStatement(cursor: Cursor): string {
  const { after, before, order } = cursor
  const [onward, back] = order === 'asc' ? ['>', '<'] : ['<', '>']
  const beyond = (operator: string, placeholder: number) =>
    `and position ${operator} (
      select position from conversation_items where tenant_id = $1 and conversation_id = $2 and id = $${placeholder})`
  const direction = (order === 'asc') === isBackwards(cursor) ? 'desc' : 'asc'
  return `select item from conversation_items where tenant_id = $1 and conversation_id = $2
    ${after === null ? '' : beyond(onward, 4)}
    ${before === null ? '' : beyond(back, after === null ? 4 : 5)}
    order by position ${direction} limit $3`
}

async function insistOnCursors(
  transaction: Transaction,
  conversationId: string,
  cursor: Cursor,
): Promise<void> {
  for (const param of ['after', 'before'] as const) {
    const id = cursor[param]
    if (id === null || (await findItem(transaction, conversationId, id)) !== null) continue
    throw new AppError(
      'input_rejected',
      `No item of this conversation has the id given as "${param}"; take it from a page of the same list.`,
      { param },
    )
  }
}

interface ItemRow {
  readonly item: StoredItem
}

interface ConversationRow {
  readonly id: string
  readonly created_at: Date
  readonly metadata: ConversationRecord['metadata']
}

function toConversation({ id, created_at, metadata }: ConversationRow): ConversationRecord {
  return { id, createdAt: created_at, metadata }
}
