import { Type, type Static } from 'typebox'
import { chunkingStrategyParam } from './chunking-strategy.ts'
import { metadata } from './key-values.ts'
import { nullable } from './nullable.ts'
import { limitUpTo, pageOf, pageQuery } from './page.ts'

export const fileCounts = Type.Object({
  in_progress: Type.Integer(),
  completed: Type.Integer(),
  failed: Type.Integer(),
  cancelled: Type.Integer(),
  total: Type.Integer(),
})

const expiresAfter = Type.Object(
  {
    anchor: Type.Literal('last_active_at'),
    days: Type.Integer({ minimum: 1, maximum: 365 }),
  },
  { additionalProperties: false },
)

export const vectorStore = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal('vector_store'),
    created_at: Type.Integer(),
    name: Type.String(),
    usage_bytes: Type.Integer(),
    file_counts: fileCounts,
    status: Type.Enum(['expired', 'in_progress', 'completed']),
    expires_after: Type.Optional(expiresAfter),
    expires_at: nullable(Type.Integer()),
    last_active_at: nullable(Type.Integer()),
    metadata: nullable(metadata),
  },
  { title: 'VectorStore' },
)
export type WireVectorStore = Static<typeof vectorStore>

const name = Type.String({ maxLength: 256 })

export const vectorStoreCreate = Type.Object(
  {
    name: Type.Optional(nullable(name)),
    description: Type.Optional(
      Type.Unknown({
        description:
          'Accepted, without effect: a vector store of the OpenAI API does not give it back. Use `metadata`.',
      }),
    ),
    file_ids: Type.Optional(Type.Array(Type.String(), { maxItems: 500 })),
    metadata: Type.Optional(nullable(metadata)),
    expires_after: Type.Optional(nullable(expiresAfter)),
    chunking_strategy: Type.Optional(chunkingStrategyParam),
  },
  { additionalProperties: false },
)
export type VectorStoreCreate = Static<typeof vectorStoreCreate>

export const vectorStoreUpdate = Type.Object(
  {
    name: Type.Optional(nullable(name)),
    metadata: Type.Optional(nullable(metadata)),
    expires_after: Type.Optional(nullable(expiresAfter)),
  },
  { additionalProperties: false },
)
export type VectorStoreUpdate = Static<typeof vectorStoreUpdate>

export const vectorStoreParams = Type.Object({ vector_store_id: Type.String() })
export const vectorStoreListQuery = Type.Object(
  { ...pageQuery, limit: limitUpTo(100, 20) },
  { additionalProperties: false },
)
export const vectorStoreList = pageOf(vectorStore)
export const vectorStoreDeleted = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal('vector_store.deleted'),
    deleted: Type.Boolean(),
  },
  { title: 'VectorStoreDeleted' },
)
