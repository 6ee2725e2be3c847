import { Type, type Static } from 'typebox'
import { attributes } from './key-values.ts'
import { nullable } from './nullable.ts'

const strict = { additionalProperties: false }

const id = (description: string) => Type.String({ minLength: 1, maxLength: 300, description })
const title = Type.String({ description: 'The title of the document, else the name of its file.' })
const url = Type.String({ description: 'Where the document came from, else where its text is.' })
const start = Type.Integer({ minimum: 0, description: 'First UTF-8 byte in the extracted text.' })
const end = Type.Integer({ minimum: 0, description: 'One past the last byte.' })
const page = nullable(Type.Integer({ description: '1-based; null where the format has no pages.' }))
const score = Type.Number({ minimum: 0, maximum: 1 })

export const searchToolInput = Type.Object(
  {
    query: Type.String({ minLength: 1, description: 'A question or some words, in any language.' }),
  },
  strict,
)

const foundDocument = Type.Object({
  id: id('Give it to `fetch` to read the whole document.'),
  title,
  url,
  text: Type.String({ description: 'The passage that fits best.' }),
  metadata: Type.Object({
    vector_store_id: Type.String(),
    file_id: Type.String(),
    filename: Type.String(),
    score,
    passages: Type.Array(
      Type.Object({ start, end, page, headings: Type.Array(Type.String()), score }),
      { description: 'Where in the text it says something about the query, best first.' },
    ),
  }),
})
export type FoundDocument = Static<typeof foundDocument>

export const searchToolOutput = Type.Object({
  results: Type.Array(foundDocument, { description: 'One a document, best first.' }),
})
export type SearchToolOutput = Static<typeof searchToolOutput>

export const fetchToolInput = Type.Object(
  { id: id('From a result of `search`, or `next_id` from the part before.') },
  strict,
)

export const fetchToolOutput = Type.Object({
  id: Type.String(),
  title,
  text: Type.String({ description: 'Exactly the bytes [start, end) of the extracted text.' }),
  url,
  metadata: Type.Object({
    vector_store_id: Type.String(),
    file_id: Type.String(),
    filename: Type.String(),
    media_type: Type.Optional(Type.String()),
    attributes: Type.Optional(attributes),
    text_sha256: Type.String({ description: 'Of the whole extracted text.' }),
    text_bytes: Type.Integer({ description: 'Of the whole extracted text.' }),
    start,
    end,
    next_id: Type.Optional(Type.String({ description: 'Fetch it to read on; absent at the end.' })),
    notice: Type.Optional(Type.String()),
  }),
})
export type FetchToolOutput = Static<typeof fetchToolOutput>

export const askToolInput = Type.Object(
  {
    question: Type.String({ minLength: 1, description: 'A question that stands alone.' }),
    vector_store_ids: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        maxItems: 100,
        description: 'Only look through these; all where absent.',
      }),
    ),
    model: Type.Optional(Type.String({ description: 'Who answers; the default where absent.' })),
  },
  strict,
)

const toolCitation = Type.Object({
  number: Type.Integer({ description: 'The `[n]` in the answer.' }),
  id: Type.String({ description: 'Give it to `fetch` to read the whole document.' }),
  title,
  url,
  start,
  end,
  page,
  quote: Type.String({ description: 'Exactly the bytes [start, end) of the extracted text.' }),
  score,
})
export type ToolCitation = Static<typeof toolCitation>

export const askToolOutput = Type.Object({
  answer: Type.String({ description: 'Each claim is followed by the `[n]` of its citation.' }),
  outcome: Type.Enum(['answered', 'abstained'], {
    description: 'abstained: the documents do not say.',
  }),
  citations: Type.Array(toolCitation),
  notices: Type.Array(Type.String()),
  model: Type.String(),
  answer_id: Type.String({ description: 'GET /api/answers/{answer_id}/trace says why.' }),
})
export type AskToolOutput = Static<typeof askToolOutput>
