import { Type, type Static } from 'typebox'
import { nullable } from './nullable.ts'

const may = Type.Optional

/** What both APIs say of a function; one puts it beside its type, the other below it. */
const functionFields = {
  name: Type.String({ pattern: '^[a-zA-Z0-9_-]{1,64}$' }),
  description: may(nullable(Type.String())),
  parameters: may(
    nullable(
      Type.Record(Type.String(), Type.Unknown(), { description: 'JSON Schema of the arguments.' }),
    ),
  ),
  strict: may(nullable(Type.Boolean())),
}
const functionDefinition = Type.Object(functionFields)
export type FunctionDefinition = Static<typeof functionDefinition>

/** As the Responses API spells it: flat, beside its type. */
export const functionTool = Type.Object(
  { type: Type.Literal('function'), ...functionFields },
  { title: 'FunctionTool' },
)

/** A schema that the answer must follow. */
export const namedSchema = Type.Object({
  name: Type.String({ pattern: '^[a-zA-Z0-9_-]{1,64}$' }),
  description: may(nullable(Type.String())),
  schema: may(Type.Record(Type.String(), Type.Unknown())),
  strict: may(nullable(Type.Boolean())),
})
export type NamedSchema = Static<typeof namedSchema>

export const chatTool = Type.Object(
  { type: Type.Literal('function'), function: functionDefinition },
  { title: 'ChatTool' },
)

export const chatToolCall = Type.Object(
  {
    id: Type.String({ minLength: 1 }),
    type: Type.Literal('function'),
    function: Type.Object({ name: Type.String(), arguments: Type.String() }),
  },
  { title: 'ChatToolCall' },
)
export type ChatToolCall = Static<typeof chatToolCall>

export const chatToolChoice = Type.Union([
  Type.Enum(['none', 'auto', 'required']),
  Type.Object({
    type: Type.Literal('function'),
    function: Type.Object({ name: Type.String() }),
  }),
])

export const chatResponseFormat = Type.Union([
  Type.Object({ type: Type.Enum(['text', 'json_object']) }),
  Type.Object({ type: Type.Literal('json_schema'), json_schema: namedSchema }),
])
