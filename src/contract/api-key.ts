import { Type, type Static } from 'typebox'
import { ownLimits } from './limits.ts'
import { nullable } from './nullable.ts'
import { limitUpTo, pageOf, pageQuery } from './page.ts'

const scopes = Type.Array(Type.Enum(['admin', 'ask', 'ingest', 'operator', 'read']), {
  minItems: 1,
  uniqueItems: true,
  description:
    '`ask` answers, `ingest` changes what is there, `read` looks, `admin` is all of it; `operator` makes and ends tenants, and only an operator can give it.',
})
const name = Type.String({ minLength: 1, maxLength: 100, description: 'For people.' })
const vectorStoreIds = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
  minItems: 1,
  maxItems: 100,
  uniqueItems: true,
  description:
    'The only vector stores that it may touch, for good; null for all of the tenant. Not together with the scopes `admin` and `operator`.',
})
const expiresInDays = nullable(
  Type.Integer({ minimum: 1, maximum: 36_500, description: 'From now; null for never.' }),
)
const time = Type.Integer({ description: 'Seconds since 1970.' })

export const apiKeyCreate = Type.Object(
  {
    name,
    scopes: Type.Optional(scopes),
    vector_store_ids: Type.Optional(nullable(vectorStoreIds)),
    limits: Type.Optional(ownLimits),
    expires_in_days: Type.Optional(expiresInDays),
    signing: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Whether it also gets a secret with which requests can be signed.',
      }),
    ),
  },
  { additionalProperties: false },
)
export type ApiKeyCreate = Static<typeof apiKeyCreate>

export const apiKeyUpdate = Type.Object(
  {
    name: Type.Optional(name),
    scopes: Type.Optional(scopes),
    limits: Type.Optional(ownLimits),
    expires_in_days: Type.Optional(expiresInDays),
  },
  {
    additionalProperties: false,
    description: 'What is left out stays as it is; `limits` is replaced as a whole.',
  },
)

export const apiKeyRotate = Type.Object(
  {
    overlap_hours: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 720,
        default: 24,
        description: 'How long what the key was before still works.',
      }),
    ),
  },
  { additionalProperties: false },
)

const fields = {
  object: Type.Literal('api_key'),
  id: Type.String(),
  name,
  scopes,
  vector_store_ids: nullable(Type.Array(Type.String())),
  limits: ownLimits,
  signing: Type.Boolean({ description: 'Whether requests can be signed in its name.' }),
  made_by: nullable(
    Type.String({ description: 'A key or a person; null for the owner of the machine.' }),
  ),
  created_at: time,
  expires_at: nullable(time),
  revoked_at: nullable(time),
  last_used_at: nullable(Type.Integer({ description: 'Seconds since 1970, to the minute.' })),
  rotated_at: nullable(time),
  previous_expires_at: nullable(
    Type.Integer({ description: 'Until when what it was before its rotation works.' }),
  ),
}

export const apiKey = Type.Object(fields, { title: 'ApiKey' })
export type WireApiKey = Static<typeof apiKey>

export const apiKeyCreated = Type.Object(
  {
    ...fields,
    key: Type.String({ description: 'Shown this once: only its hash is kept.' }),
    signing_secret: Type.Optional(
      Type.String({ description: 'Shown this once: it is not kept, but derived when needed.' }),
    ),
  },
  { title: 'CreatedApiKey' },
)

export const apiKeyParams = Type.Object({ key_id: Type.String() })
export const apiKeyList = pageOf(apiKey)
export const apiKeyListQuery = Type.Object(
  { ...pageQuery, limit: limitUpTo(100, 20) },
  { additionalProperties: false },
)
