import { Type } from 'typebox'

/** JSON Schema by hand: a record's pattern would let a key with a line break past its value's check. */
const keyValues = <Values>(values: object, description: string) =>
  Type.Unsafe<Record<string, Values>>({
    type: 'object',
    maxProperties: 16,
    propertyNames: { maxLength: 64 },
    additionalProperties: values,
    description,
  })

export const metadata = keyValues<string>(
  { type: 'string', maxLength: 512 },
  'Up to 16 pairs; keys of at most 64 characters, values of at most 512.',
)

export const attributes = keyValues<string | number | boolean>(
  { anyOf: [{ type: 'string', maxLength: 512 }, { type: 'number' }, { type: 'boolean' }] },
  'Up to 16 pairs that filters can ask for; keys of at most 64 characters, texts of at most 512.',
)
