import { Type, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { expect, test } from 'vitest'
import { nullable } from '../contract/nullable.ts'
import { explainProblems } from './validation.ts'

const schema = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    limit: Type.Optional(nullable(Type.Integer({ minimum: 1, maximum: 5 }))),
    query: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
    order: Type.Optional(Type.Enum(['asc', 'desc'])),
    kind: Type.Optional(
      Type.Union([
        Type.Object({ type: Type.Literal('auto') }),
        Type.Object({ type: Type.Literal('static'), size: Type.Integer() }),
      ]),
    ),
    items: Type.Optional(
      Type.Array(Type.Object({ id: Type.String() }, { additionalProperties: false })),
    ),
  },
  { additionalProperties: false },
)

function explain(value: unknown, of: TSchema = schema) {
  const { message, param, fault } = explainProblems(Compile(of).Errors(value), value)
  return { message, param, fault }
}

test('a missing parameter is named', () => {
  expect(explain({})).toEqual({
    message: "Missing required parameter: 'name'.",
    param: 'name',
    fault: 'missing_required_parameter',
  })
})

test('an unknown parameter is named by its whole path', () => {
  expect(explain({ name: 'x', items: [{ id: 'a' }, { id: 'b', size: 1 }] })).toEqual({
    message: "Unknown parameter: 'items[1].size'.",
    param: 'items[1].size',
    fault: 'unknown_parameter',
  })
})

test('a wrong type says what should stand there and what does', () => {
  expect(explain({ name: 5 })).toEqual({
    message: "Invalid value for 'name': it must be a string, not a number.",
    param: 'name',
    fault: 'invalid_type',
  })
})

test('a bound says where it lies, also beside null', () => {
  expect(explain({ name: 'x', limit: 9 })).toEqual({
    message: "Invalid value for 'limit': it must be at most 5, not 9.",
    param: 'limit',
    fault: 'invalid_value',
  })
})

test('an enumeration lists its words', () => {
  expect(explain({ name: 'x', order: 'up' }).message).toBe(
    'Invalid value for \'order\': it must be "asc" or "desc", not "up".',
  )
})

test('a union lists its types', () => {
  expect(explain({ name: 'x', query: 5 }).message).toBe(
    "Invalid value for 'query': it must be a string or an array, not a number.",
  )
})

test('a union told apart by a word lists the words', () => {
  expect(explain({ name: 'x', kind: { type: 'other' } }).message).toBe(
    'Invalid value for \'kind.type\': it must be "auto" or "static", not "other".',
  )
})

test('a body that is no object is said to be none', () => {
  expect(explain('text').message).toBe(
    'Invalid value for the request body: it must be an object, not a string.',
  )
})
