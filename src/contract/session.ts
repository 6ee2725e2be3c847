import { Type } from 'typebox'
import { nullable } from './nullable.ts'
import { email, newPassword, password, tenantId } from './person-fields.ts'
import { user } from './user.ts'

const fields = {
  object: Type.Literal('session'),
  id: Type.String(),
  method: Type.Enum(['invitation', 'oidc', 'password', 'reset'], {
    description: 'What it was opened with.',
  }),
  current: Type.Boolean({ description: 'The one that asks.' }),
  address: nullable(Type.String({ description: 'Where it was opened from; of IPv6 the network.' })),
  user_agent: nullable(Type.String()),
  created_at: Type.Integer(),
  last_used_at: Type.Integer({ description: 'To the minute.' }),
  expires_at: Type.Integer({ description: 'Earlier when it is not used for a while.' }),
}

const session = Type.Object(fields, { title: 'Session' })
export const sessionList = Type.Object({ object: Type.Literal('list'), data: Type.Array(session) })
export const openSession = Type.Object(
  {
    ...fields,
    tenant_id: Type.String(),
    csrf_token: Type.String({
      description:
        'To be sent as X-CSRF-Token with every request of this session that is not a GET.',
    }),
    user,
  },
  { title: 'OpenSession' },
)
export const sessionParams = Type.Object({ session_id: Type.String({ maxLength: 100 }) })
export const sessionDeleted = Type.Object({
  id: Type.String(),
  object: Type.Literal('session.deleted'),
  deleted: Type.Literal(true),
})
export const signIn = Type.Object(
  { tenant: Type.Optional(tenantId), email, password },
  { additionalProperties: false },
)
export const passwordChange = Type.Object(
  { current_password: password, new_password: newPassword },
  { additionalProperties: false },
)
