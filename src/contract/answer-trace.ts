import { Type, type Static } from 'typebox'
import { nullable } from './nullable.ts'

const tracedCandidate = Type.Object({
  chunk_id: Type.String(),
  file_id: Type.String(),
  filename: Type.String(),
  start: Type.Integer(),
  end: Type.Integer(),
  page: nullable(Type.Integer()),
  similarity: nullable(Type.Number()),
  dense_rank: nullable(Type.Integer()),
  bm25: nullable(Type.Number()),
  lexical_rank: nullable(Type.Integer()),
  fused: Type.Number(),
  place: nullable(Type.Integer({ description: 'Among the chunks given to the model.' })),
  dropped: nullable(Type.String({ description: 'Why it is not among them.' })),
})

export const answerTrace = Type.Object(
  {
    object: Type.Literal('answer.trace'),
    answer_id: Type.String(),
    created_at: Type.Integer(),
    question: Type.String(),
    query: Type.String({ description: 'What was searched for.' }),
    vector_store_ids: Type.Array(Type.String()),
    model: Type.String(),
    outcome: Type.Enum(['abstained', 'answered', 'cancelled', 'failed']),
    stages: Type.Array(
      Type.Object({
        name: Type.String(),
        milliseconds: Type.Number(),
        detail: Type.Unsafe<Record<string, unknown>>({
          type: 'object',
          additionalProperties: true,
        }),
      }),
    ),
    candidates: Type.Array(tracedCandidate),
    usage: Type.Object({ input_tokens: Type.Integer(), output_tokens: Type.Integer() }),
  },
  { title: 'AnswerTrace' },
)
export type WireAnswerTrace = Static<typeof answerTrace>
export const answerParams = Type.Object({ answer_id: Type.String() })
