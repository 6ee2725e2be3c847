import { Type } from 'typebox'
import { nullable } from './nullable.ts'

export const whoami = Type.Object(
  {
    object: Type.Literal('principal'),
    tenant_id: Type.String(),
    key_id: nullable(Type.String({ description: 'Null on the local socket.' })),
    scopes: Type.Array(Type.Enum(['admin', 'ask', 'ingest', 'read'])),
  },
  { title: 'Principal' },
)
