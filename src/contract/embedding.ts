import { Type, type Static } from 'typebox'
import { nullable } from './nullable.ts'

export const embeddingRequest = Type.Object(
  {
    input: Type.Union(
      [
        Type.String({ minLength: 1 }),
        Type.Array(Type.Union([Type.String(), Type.Number(), Type.Array(Type.Number())]), {
          minItems: 1,
          maxItems: 2048,
        }),
      ],
      { description: 'A text, or up to 2,048 of them. Token numbers are not supported.' },
    ),
    model: Type.String(),
    dimensions: Type.Optional(
      nullable(Type.Integer({ minimum: 1, description: "Only the model's own number." })),
    ),
    encoding_format: Type.Optional(nullable(Type.Enum(['float', 'base64']))),
    user: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
)
export type EmbeddingRequest = Static<typeof embeddingRequest>

export const embeddingList = Type.Object(
  {
    object: Type.Literal('list'),
    data: Type.Array(
      Type.Object({
        object: Type.Literal('embedding'),
        index: Type.Integer(),
        embedding: Type.Union([
          Type.Array(Type.Number()),
          Type.String({ description: 'Little-endian 32-bit floats in base64.' }),
        ]),
      }),
    ),
    model: Type.String(),
    usage: Type.Object({
      prompt_tokens: Type.Integer({ description: 'Estimated: four bytes a token.' }),
      total_tokens: Type.Integer(),
    }),
  },
  { title: 'EmbeddingList' },
)
