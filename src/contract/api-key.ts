import { Type, type Static } from 'typebox'
import { nullable } from './nullable.ts'

const scopes = Type.Array(Type.Enum(['admin', 'ask', 'ingest', 'operator', 'read']), {
  minItems: 1,
  uniqueItems: true,
  description:
    '`ask` answers, `ingest` changes what is there, `read` looks, `admin` is all of it; `operator` makes and ends tenants, and only an operator can give it.',
})

export const apiKeyCreate = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100, description: 'For people.' }),
    scopes: Type.Optional(scopes),
    expires_in_days: Type.Optional(nullable(Type.Integer({ minimum: 1, maximum: 36_500 }))),
  },
  { additionalProperties: false },
)
export type ApiKeyCreate = Static<typeof apiKeyCreate>

export const apiKeyCreated = Type.Object(
  {
    object: Type.Literal('api_key'),
    id: Type.String(),
    key: Type.String({ description: 'Shown this once: only its hash is kept.' }),
    name: Type.String(),
    scopes,
    created_at: Type.Integer(),
    expires_at: nullable(Type.Integer()),
  },
  { title: 'CreatedApiKey' },
)
