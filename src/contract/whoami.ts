import { Type } from 'typebox'
import { nullable } from './nullable.ts'

export const whoami = Type.Object(
  {
    object: Type.Literal('principal'),
    tenant_id: Type.String(),
    key_id: nullable(Type.String({ description: 'Null for people, and on the local socket.' })),
    user_id: nullable(Type.String({ description: 'Of a person.' })),
    service_id: nullable(
      Type.String({ description: 'Of a program for which an outside issuer vouches.' }),
    ),
    role: nullable(Type.Enum(['owner', 'admin', 'editor', 'member', 'viewer'])),
    scopes: Type.Array(Type.Enum(['admin', 'ask', 'ingest', 'operator', 'read'])),
  },
  { title: 'Principal' },
)
