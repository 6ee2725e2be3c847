import { Type, type Static } from 'typebox'
import { nullable } from './nullable.ts'

/** Every failure, on every path. */
export const errorEnvelope = Type.Object(
  {
    error: Type.Object({
      message: Type.String({ description: 'A sentence that says what to change.' }),
      type: Type.String({ description: "OpenAI's family of the failure." }),
      code: nullable(Type.String({ description: 'For programs: one word a kind of failure.' })),
      param: nullable(Type.String({ description: 'The parameter at fault, as it was spelled.' })),
    }),
  },
  { title: 'Error' },
)
export type ErrorEnvelope = Static<typeof errorEnvelope>
