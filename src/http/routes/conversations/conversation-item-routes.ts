import {
  conversation,
  conversationItem,
  conversationItemList,
  conversationItemListQuery,
  conversationItemParams,
  conversationItemQuery,
  conversationItemsCreate,
  conversationParams,
} from '../../../contract/conversation.ts'
import type { Transaction } from '../../../core/ports/database.ts'
import type { StoredItem } from '../../../core/ports/conversations.ts'
import { notFound } from '../../not-found.ts'
import { cursorOf, pageOfRows } from '../../paging.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { readInclude } from '../responses/read-request.ts'
import { readItems } from './read-items.ts'
import { wireConversation, wireItem } from './wire-conversation.ts'

const TAGS = ['Conversations']
const ALL = '/v1/conversations/:conversation_id/items'
const ONE = `${ALL}/:item_id` as const
/** Of a list nobody has asked to be cut. */
const ALL_ADDED = 20

export function conversationItemRoutes(app: Routes, { database, conversations }: RouteDeps): void {
  const require = async (transaction: Transaction, id: string) => {
    const record = await conversations.get(transaction, id)
    if (record === null) throw notFound('conversation', id)
    return record
  }
  const wireWith = (query: IncludeQuery) => {
    const includeResults = readInclude(
      [query.include ?? query['include[]'] ?? []].flat(),
      'include',
    )
    return (item: StoredItem) => wireItem(item, includeResults)
  }

  app.post(
    ALL,
    {
      schema: {
        tags: TAGS,
        summary: 'Add items to a conversation',
        params: conversationParams,
        querystring: conversationItemQuery,
        body: conversationItemsCreate,
        response: { 200: conversationItemList },
      },
      config: { scope: 'ask', idempotent: true },
    },
    async ({ principal, params, query, body }) => {
      const wire = wireWith(query)
      const items = readItems(body.items)
      const added = await database.transact(principal.tenantId, (transaction) =>
        conversations.append(transaction, params.conversation_id, items),
      )
      if (!added) throw notFound('conversation', params.conversation_id)
      return pageOfRows(items, ALL_ADDED, wire)
    },
  )

  app.get(
    ALL,
    {
      schema: {
        tags: TAGS,
        summary: 'List the items of a conversation',
        params: conversationParams,
        querystring: conversationItemListQuery,
        response: { 200: conversationItemList },
      },
      config: { scope: 'ask' },
    },
    async ({ principal, params, query }) => {
      const wire = wireWith(query)
      const cursor = cursorOf(query, 20)
      const rows = await database.transact(principal.tenantId, async (transaction) => {
        await require(transaction, params.conversation_id)
        return conversations.listItems(transaction, params.conversation_id, cursor)
      })
      return pageOfRows(rows, cursor.limit, wire)
    },
  )

  app.get(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Retrieve an item of a conversation',
        params: conversationItemParams,
        querystring: conversationItemQuery,
        response: { 200: conversationItem },
      },
      config: { scope: 'ask' },
    },
    async ({ principal, params, query }) => {
      const wire = wireWith(query)
      const item = await database.transact(principal.tenantId, async (transaction) => {
        await require(transaction, params.conversation_id)
        return conversations.getItem(transaction, params.conversation_id, params.item_id)
      })
      if (item === null) throw notFound('item in this conversation', params.item_id)
      return wire(item)
    },
  )

  app.delete(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Delete an item of a conversation',
        description: 'Gives back the conversation.',
        params: conversationItemParams,
        response: { 200: conversation },
      },
      config: { scope: 'ask' },
    },
    async ({ principal, params }) =>
      database.transact(principal.tenantId, async (transaction) => {
        const record = await require(transaction, params.conversation_id)
        const deleted = await conversations.deleteItem(transaction, record.id, params.item_id)
        if (!deleted) throw notFound('item in this conversation', params.item_id)
        return wireConversation(record)
      }),
  )
}

interface IncludeQuery {
  readonly include?: string | string[]
  readonly 'include[]'?: string | string[]
}
