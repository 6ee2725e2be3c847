import { Type, type Static } from 'typebox'
import { attributes } from './key-values.ts'
import { nullable } from './nullable.ts'

/** Where a chunk lies: bytes [start, end) of the extracted text of its file. */
const place = Type.Object({
  vector_store_id: Type.String(),
  chunk_id: Type.String(),
  start: Type.Integer({ description: 'First UTF-8 byte in the extracted text.' }),
  end: Type.Integer({ description: 'One past the last byte.' }),
  page: nullable(Type.Integer({ description: '1-based; null where the format has no pages.' })),
  headings: Type.Array(Type.String()),
  similarity: nullable(Type.Number({ description: 'Cosine; null when meaning did not find it.' })),
  bm25: nullable(Type.Number({ description: 'Null when words did not find it.' })),
  edited: Type.Optional(
    Type.Literal(true, {
      description: 'Somebody edited the text: it is not the bytes [start, end).',
    }),
  ),
})

export const searchResult = Type.Object(
  {
    file_id: Type.String(),
    filename: Type.String(),
    score: Type.Number({ minimum: 0, maximum: 1 }),
    attributes: nullable(attributes),
    content: Type.Array(Type.Object({ type: Type.Literal('text'), text: Type.String() })),
    ragstone: place,
  },
  { title: 'SearchResult' },
)
export type SearchResult = Static<typeof searchResult>

/** A result inside a `file_search_call`. */
export const fileSearchResult = Type.Object(
  {
    file_id: Type.String(),
    filename: Type.String(),
    score: Type.Number(),
    text: Type.String(),
    attributes: nullable(attributes),
    ragstone: place,
  },
  { title: 'FileSearchResult' },
)
export type FileSearchResult = Static<typeof fileSearchResult>

/** What the API adds to each citation. */
export const citationProof = Type.Object(
  {
    start: Type.Integer({ description: 'First UTF-8 byte of the quote in the extracted text.' }),
    end: Type.Integer({ description: 'One past its last byte.' }),
    page: nullable(Type.Integer()),
    quote: Type.String({ description: 'Exactly the bytes [start, end).' }),
    score: Type.Number({ description: 'How far the quote supports the claim, in [0, 1].' }),
    vector_store_id: Type.String(),
    number: Type.Integer({ description: 'The `[n]` it stands behind.' }),
    edited: Type.Optional(
      Type.Literal(true, {
        description:
          'The answer was made from a text that somebody had edited; the quote is what the document says there.',
      }),
    ),
  },
  { title: 'CitationProof' },
)
export type CitationProof = Static<typeof citationProof>
