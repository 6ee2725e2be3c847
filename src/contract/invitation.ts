import { Type } from 'typebox'
import { nullable } from './nullable.ts'
import { limitUpTo, pageOf, pageQuery } from './page.ts'
import { carriedSecret, email, newPassword, personName } from './person-fields.ts'
import { role } from './role.ts'

const fields = {
  object: Type.Literal('invitation'),
  id: Type.String(),
  email: Type.String(),
  role,
  invited_by: nullable(
    Type.String({ description: 'A person; null for a key or the command line.' }),
  ),
  created_at: Type.Integer(),
  expires_at: Type.Integer(),
}

const invitation = Type.Object(fields, { title: 'Invitation' })
export const invitationCreated = Type.Object(
  {
    ...fields,
    secret: Type.String({
      description:
        'Shown this once: hand it to the person, who accepts with it at POST /auth/accept-invitation. The server sends no mail.',
    }),
  },
  { title: 'CreatedInvitation' },
)
export const invitationPage = pageOf(invitation)
export const invitationQuery = Type.Object(
  { ...pageQuery, limit: limitUpTo(100, 20) },
  { additionalProperties: false },
)
export const invitationParams = Type.Object({ invitation_id: Type.String({ maxLength: 100 }) })
export const invitationCreate = Type.Object(
  {
    email,
    role: Type.Optional(role),
    expires_in_days: Type.Optional(Type.Integer({ minimum: 1, maximum: 90, default: 7 })),
  },
  { additionalProperties: false },
)
export const invitationDeleted = Type.Object({
  id: Type.String(),
  object: Type.Literal('invitation.deleted'),
  deleted: Type.Literal(true),
})
export const invitationAccept = Type.Object(
  { secret: carriedSecret('the invitation'), name: personName, password: newPassword },
  { additionalProperties: false },
)
export const passwordResetUse = Type.Object(
  { secret: carriedSecret('the reset'), password: newPassword },
  { additionalProperties: false },
)
