import { Type, type TSchema } from 'typebox'
import { nullable } from './nullable.ts'

/** A page of a list in OpenAI's cursor form. */
export const pageOf = <Item extends TSchema>(item: Item) =>
  Type.Object({
    object: Type.Literal('list'),
    data: Type.Array(item),
    first_id: nullable(Type.String()),
    last_id: nullable(Type.String()),
    has_more: Type.Boolean(),
  })

const limit = (maximum: number, fallback: number) =>
  Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum,
      default: fallback,
      description: `How many to give back, 1 to ${maximum}.`,
    }),
  )
const order = Type.Optional(
  Type.Enum(['asc', 'desc'], { default: 'desc', description: 'By time of creation.' }),
)
const cursor = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 100, description }))

/** Query parameters of every list; `before` where OpenAI has it. */
export const pageQuery = {
  after: cursor('The id after which the page begins.'),
  before: cursor('The id before which the page ends.'),
  order,
}
export const limitUpTo = limit
