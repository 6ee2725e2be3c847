import {
  conversation,
  conversationCreate,
  conversationDeleted,
  conversationParams,
  conversationUpdate,
} from '../../../contract/conversation.ts'
import { createId } from '../../../core/id.ts'
import { notFound } from '../../not-found.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { readItems } from './read-items.ts'
import { wireConversation } from './wire-conversation.ts'

const TAGS = ['Conversations']
const ONE = '/v1/conversations/:conversation_id'

export function conversationRoutes(app: Routes, { database, conversations }: RouteDeps): void {
  app.post(
    '/v1/conversations',
    {
      schema: {
        tags: TAGS,
        summary: 'Create a conversation',
        description: 'Name it in `conversation` of a response, and the response goes on from it.',
        body: conversationCreate,
        response: { 200: conversation },
      },
      config: { scope: 'ask', idempotent: true },
      // A conversation may be asked for without saying anything.
      preValidation: async (request) => {
        request.body ??= {}
      },
    },
    async ({ principal, body, audited }) => {
      const record = {
        id: createId('conv_'),
        createdAt: new Date(),
        metadata: body.metadata ?? {},
      }
      audited.target = record.id
      const items = readItems(body.items ?? [])
      await database.transact(principal.tenantId, async (transaction) => {
        await conversations.insert(transaction, record)
        await conversations.append(transaction, record.id, items)
      })
      return wireConversation(record)
    },
  )

  app.get(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Retrieve a conversation',
        params: conversationParams,
        response: { 200: conversation },
      },
      config: { scope: 'ask' },
    },
    async ({ principal, params }) => {
      const record = await database.transact(principal.tenantId, (transaction) =>
        conversations.get(transaction, params.conversation_id),
      )
      if (record === null) throw notFound('conversation', params.conversation_id)
      return wireConversation(record)
    },
  )

  app.post(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Update a conversation',
        params: conversationParams,
        body: conversationUpdate,
        response: { 200: conversation },
      },
      config: { scope: 'ask' },
    },
    async ({ principal, params, body }) => {
      const record = await database.transact(principal.tenantId, (transaction) =>
        conversations.setMetadata(transaction, params.conversation_id, body.metadata ?? {}),
      )
      if (record === null) throw notFound('conversation', params.conversation_id)
      return wireConversation(record)
    },
  )

  app.delete(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Delete a conversation',
        description: 'With its items. Responses that were part of it stay.',
        params: conversationParams,
        response: { 200: conversationDeleted },
      },
      config: { scope: 'ask' },
    },
    async ({ principal, params }) => {
      const id = params.conversation_id
      const deleted = await database.transact(principal.tenantId, (transaction) =>
        conversations.delete(transaction, id),
      )
      if (!deleted) throw notFound('conversation', id)
      return { id, object: 'conversation.deleted' as const, deleted: true }
    },
  )
}
