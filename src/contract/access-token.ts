import { Type } from 'typebox'
import { tenantId } from './person-fields.ts'

/** Form-encoded, as RFC 6749 has it. */
export const tokenRequest = Type.Object({
  grant_type: Type.String({ maxLength: 100, description: '`password`.' }),
  username: Type.Optional(Type.String({ maxLength: 254, description: 'The e-mail address.' })),
  password: Type.Optional(Type.String({ maxLength: 1024 })),
  scope: Type.Optional(
    Type.String({
      maxLength: 200,
      description: 'Some of what the role gives, with blanks between; all of it where left out.',
    }),
  ),
  tenant: Type.Optional(tenantId),
})
export const tokenAnswer = Type.Object(
  {
    access_token: Type.String({ description: 'For `Authorization: Bearer`.' }),
    token_type: Type.Literal('Bearer'),
    expires_in: Type.Integer({ description: 'Seconds.' }),
    scope: Type.String(),
  },
  { title: 'AccessToken' },
)
export const tokenFailure = Type.Object(
  {
    error: Type.String({ description: 'As RFC 6749, section 5.2, has them.' }),
    error_description: Type.String(),
  },
  { title: 'TokenFailure' },
)
