import { Type, type Static } from 'typebox'
import { nullable } from './nullable.ts'
import { limitUpTo, pageOf, pageQuery } from './page.ts'

const file = Type.String({ minLength: 1, maxLength: 1_000, description: 'Id or name of a file.' })
const quote = nullable(
  Type.String({
    minLength: 1,
    maxLength: 8_000,
    description: 'Words of it; upper and lower case and spaces make no difference.',
  }),
)

/** As it is given: a quote may be left out. */
export const expectation = Type.Object(
  { file, quote: Type.Optional(quote) },
  { additionalProperties: false },
)

export const goldenQuestion = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal('vector_store.golden_question'),
    vector_store_id: Type.String(),
    question: Type.String(),
    expected: Type.Array(Type.Object({ file, quote }), { description: 'Where the answer is.' }),
    created_at: Type.Integer(),
    updated_at: Type.Integer({ description: 'When what is expected was said last.' }),
  },
  { title: 'GoldenQuestion' },
)
export type WireGoldenQuestion = Static<typeof goldenQuestion>

export const goldenQuestionsAdd = Type.Object(
  {
    questions: Type.Array(
      Type.Object(
        {
          question: Type.String({ minLength: 1, maxLength: 8_000 }),
          expected: Type.Optional(
            Type.Array(expectation, { maxItems: 20, description: 'Where the answer is.' }),
          ),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 1_000 },
    ),
  },
  { additionalProperties: false },
)
export type GoldenQuestionsAdd = Static<typeof goldenQuestionsAdd>

export const goldenQuestionsAdded = Type.Object(
  {
    object: Type.Literal('list'),
    data: Type.Array(goldenQuestion, { description: 'In the order given, each once.' }),
    added: Type.Integer(),
    replaced: Type.Integer({ description: 'The store had them, and now expects this.' }),
  },
  { title: 'GoldenQuestionsAdded' },
)

export const goldenQuestionParams = Type.Object({
  vector_store_id: Type.String(),
  golden_question_id: Type.String(),
})
export const goldenQuestionListQuery = Type.Object(
  { ...pageQuery, limit: limitUpTo(100, 20) },
  { additionalProperties: false },
)
export const goldenQuestionList = pageOf(goldenQuestion)
export const goldenQuestionDeleted = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal('vector_store.golden_question.deleted'),
    deleted: Type.Boolean(),
  },
  { title: 'GoldenQuestionDeleted' },
)
