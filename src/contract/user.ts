import { Type, type Static } from 'typebox'
import { nullable } from './nullable.ts'
import { limitUpTo, pageOf, pageQuery } from './page.ts'
import { email, newPassword, personName } from './person-fields.ts'
import { role } from './role.ts'

export const user = Type.Object(
  {
    object: Type.Literal('user'),
    id: Type.String(),
    email: Type.String(),
    name: Type.String(),
    role,
    status: Type.Enum(['active', 'disabled']),
    has_password: Type.Boolean(),
    role_from_provider: Type.Boolean({
      description: 'The OpenID provider gave the role, and may change it at the next sign-in.',
    }),
    created_at: Type.Integer(),
    last_sign_in_at: nullable(Type.Integer()),
  },
  { title: 'User' },
)
export type WireUser = Static<typeof user>

export const userPage = pageOf(user)
export const userQuery = Type.Object(
  { ...pageQuery, limit: limitUpTo(100, 20) },
  { additionalProperties: false },
)
export const userParams = Type.Object({ user_id: Type.String({ maxLength: 100 }) })

export const userCreate = Type.Object(
  { email, name: personName, role: Type.Optional(role), password: newPassword },
  { additionalProperties: false },
)
export const userUpdate = Type.Object(
  {
    name: Type.Optional(personName),
    role: Type.Optional(role),
    status: Type.Optional(
      Type.Enum(['active', 'disabled'], {
        description: 'Who is disabled cannot sign in, and his sessions and access tokens end.',
      }),
    ),
  },
  { additionalProperties: false },
)
export const userDeleted = Type.Object({
  id: Type.String(),
  object: Type.Literal('user.deleted'),
  deleted: Type.Literal(true),
})
export const passwordReset = Type.Object(
  {
    object: Type.Literal('password_reset'),
    user_id: Type.String(),
    secret: Type.String({
      description:
        'Shown this once: hand it to the person, who sets a password with it at POST /auth/reset-password. The server sends no mail.',
    }),
    expires_at: Type.Integer(),
  },
  { title: 'PasswordReset' },
)
export const sessionsEnded = Type.Object({
  object: Type.Literal('sessions.deleted'),
  deleted: Type.Integer({ description: 'How many.' }),
})
