import { Type, type Static } from 'typebox'
import { nullable } from './nullable.ts'
import { limitUpTo, pageOf, pageQuery } from './page.ts'

const fields = {
  id: Type.String({ description: 'Until the document is indexed anew.' }),
  object: Type.Literal('vector_store.chunk'),
  vector_store_id: Type.String(),
  file_id: Type.String(),
  filename: Type.String(),
  ordinal: Type.Integer({ description: 'Its place in the document, from 0.' }),
  start: Type.Integer({ description: 'First UTF-8 byte in the extracted text.' }),
  end: Type.Integer({ description: 'One past the last byte.' }),
  page: nullable(Type.Integer({ description: '1-based; null where the format has no pages.' })),
  headings: Type.Array(Type.String(), { description: 'Outermost first.' }),
  text: Type.String({ description: 'What searches find and models read.' }),
  context: Type.String({
    description: 'Title and headings: searched with the text, never cited.',
  }),
  tokens: Type.Integer(),
  enabled: Type.Boolean({ description: 'Whether searches find it.' }),
  disabled_at: nullable(Type.Integer()),
  edited: Type.Boolean(),
  edited_at: nullable(Type.Integer()),
  origin_text: nullable(
    Type.String({
      description: 'Where it was edited: the document’s own text, the bytes [start, end).',
    }),
  ),
}

export const chunk = Type.Object(fields, { title: 'Chunk' })
export type WireChunk = Static<typeof chunk>

export const chunkInPlace = Type.Object(
  {
    ...fields,
    before: Type.Array(chunk, { description: 'Those before it, in the order of the document.' }),
    after: Type.Array(chunk),
  },
  { title: 'ChunkInPlace' },
)

export const chunkUpdate = Type.Object(
  {
    text: Type.Optional(
      nullable(
        Type.String({
          minLength: 1,
          maxLength: 50_000,
          description: 'In place of the text; null takes the document’s own again.',
        }),
      ),
    ),
    enabled: Type.Optional(Type.Boolean({ description: 'Whether searches find it.' })),
  },
  { additionalProperties: false, minProperties: 1 },
)

export const chunkParams = Type.Object({ chunk_id: Type.String() })
export const chunkQuery = Type.Object(
  {
    neighbours: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 20,
        default: 0,
        description: 'So many chunks on either side.',
      }),
    ),
  },
  { additionalProperties: false },
)

export const chunkListQuery = Type.Object(
  { after: pageQuery.after, limit: limitUpTo(100, 20) },
  { additionalProperties: false },
)
export const chunkList = pageOf(chunk)

const citingAnswer = Type.Object(
  {
    id: Type.String({ description: 'Of the answer: see its trace.' }),
    object: Type.Literal('chunk.answer'),
    question: Type.String(),
    created_at: Type.Integer(),
    quotes: Type.Array(
      Type.Object({ start: Type.Integer(), end: Type.Integer(), quote: Type.String() }),
    ),
  },
  { title: 'CitingAnswer' },
)
export const citingAnswerList = pageOf(citingAnswer)
export type WireCitingAnswer = Static<typeof citingAnswer>
