import { Type, type Static } from 'typebox'
import { metadata } from './key-values.ts'
import { nullable } from './nullable.ts'
import { limitUpTo, pageOf, pageQuery } from './page.ts'
import { fileCitation, fileSearchCall, functionCall, functionCallOutput } from './response.ts'

export const conversation = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal('conversation'),
    created_at: Type.Integer(),
    metadata,
  },
  { title: 'Conversation' },
)
export type WireConversation = Static<typeof conversation>

const inputText = Type.Object({ type: Type.Literal('input_text'), text: Type.String() })
const outputText = Type.Object({
  type: Type.Literal('output_text'),
  text: Type.String(),
  annotations: Type.Array(fileCitation),
  logprobs: Type.Array(Type.Unknown()),
})

const conversationMessage = Type.Object(
  {
    id: Type.String(),
    type: Type.Literal('message'),
    role: Type.Enum(['user', 'assistant', 'system', 'developer']),
    status: Type.Enum(['in_progress', 'completed', 'incomplete']),
    content: Type.Array(Type.Union([inputText, outputText])),
  },
  { title: 'ConversationMessage' },
)

export const conversationItem = Type.Union([
  conversationMessage,
  fileSearchCall,
  functionCall,
  functionCallOutput,
])
export type ConversationItem = Static<typeof conversationItem>

/** Read by hand, like the input of a response. */
const newItems = (minItems: number) =>
  Type.Array(Type.Record(Type.String(), Type.Unknown()), {
    minItems,
    maxItems: 20,
    description: 'As the `input` of a response.',
  })

export const conversationCreate = Type.Object(
  {
    items: Type.Optional(nullable(newItems(0))),
    metadata: Type.Optional(nullable(metadata)),
  },
  { additionalProperties: false },
)

export const conversationUpdate = Type.Object(
  { metadata: nullable(metadata) },
  { additionalProperties: false },
)

export const conversationParams = Type.Object({ conversation_id: Type.String() })

export const conversationDeleted = Type.Object(
  { id: Type.String(), object: Type.Literal('conversation.deleted'), deleted: Type.Boolean() },
  { title: 'ConversationDeleted' },
)

export const conversationItemsCreate = Type.Object(
  { items: newItems(1) },
  { additionalProperties: false },
)

const include = Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())]))

/** Clients spell a list in a query with or without brackets. */
export const conversationItemQuery = Type.Object(
  { include, 'include[]': include },
  { additionalProperties: false },
)

export const conversationItemListQuery = Type.Object(
  {
    include,
    'include[]': include,
    ...pageQuery,
    limit: limitUpTo(100, 20),
  },
  { additionalProperties: false },
)

export const conversationItemParams = Type.Object({
  conversation_id: Type.String(),
  item_id: Type.String(),
})

export const conversationItemList = pageOf(conversationItem)
