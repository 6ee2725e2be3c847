import { Type, type Static } from 'typebox'
import { nullable } from './nullable.ts'

export const model = Type.Object(
  {
    id: Type.String({
      description: "A model's name, or a vector store's id: it then answers over that store.",
    }),
    object: Type.Literal('model'),
    created: Type.Integer(),
    owned_by: Type.String(),
    name: Type.Optional(Type.String({ description: 'Of the vector store, for people.' })),
    ragstone: Type.Object({
      kind: Type.Enum(['chat', 'embedding', 'extractive', 'vector_store']),
      context_tokens: nullable(Type.Integer()),
    }),
  },
  { title: 'Model' },
)
export type WireModel = Static<typeof model>

export const modelList = Type.Object({ object: Type.Literal('list'), data: Type.Array(model) })
export const modelParams = Type.Object({ model: Type.String() })
