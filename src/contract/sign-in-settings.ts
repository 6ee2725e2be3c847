import { Type, type Static } from 'typebox'
import { nullable } from './nullable.ts'

const role = Type.Enum(['admin', 'editor', 'member', 'viewer'])

const common = {
  issuer: Type.String({
    maxLength: 1000,
    pattern: '^https?://',
    description: 'Where `/.well-known/openid-configuration` is found below.',
  }),
  client_id: Type.String({ minLength: 1, maxLength: 500 }),
}
const rules = {
  scopes: Type.Array(Type.String({ maxLength: 100, pattern: '^\\S+$' }), {
    maxItems: 20,
    description: 'Asked for beside `openid`.',
  }),
  role_claim: nullable(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'The claim whose values name roles: `groups`, `realm_access.roles`.',
    }),
  ),
  role_mapping: Type.Array(
    Type.Object(
      { value: Type.String({ minLength: 1, maxLength: 500 }), role },
      { additionalProperties: false },
    ),
    { maxItems: 100, description: 'Of several that apply, the highest role is given.' },
  ),
  default_role: nullable(
    Type.Enum(['admin', 'editor', 'member', 'viewer'], {
      description:
        'Of somebody whom no rule names; null lets only those in who were invited or have an account.',
    }),
  ),
}

export const signInSettings = Type.Object(
  {
    object: Type.Literal('sign_in_settings'),
    password_allowed: Type.Boolean(),
    provider: nullable(
      Type.Object({
        ...common,
        ...rules,
        has_client_secret: Type.Boolean({ description: 'The secret itself is never shown.' }),
      }),
    ),
    redirect_uri: nullable(
      Type.String({ description: 'To be registered at the provider; null without a public URL.' }),
    ),
  },
  { title: 'SignInSettings' },
)
export type WireSignInSettings = Static<typeof signInSettings>

export const signInSettingsUpdate = Type.Object(
  {
    password_allowed: Type.Optional(Type.Boolean()),
    provider: Type.Optional(
      nullable(
        Type.Object(
          {
            ...common,
            client_secret: Type.Optional(
              nullable(
                Type.String({
                  minLength: 1,
                  maxLength: 2000,
                  description:
                    'Kept encrypted. Left out, the present one stays as long as issuer and client are the same; null is a client without one.',
                }),
              ),
            ),
            ...Type.Partial(Type.Object(rules)).properties,
          },
          { additionalProperties: false },
        ),
      ),
    ),
  },
  { additionalProperties: false },
)
export type SignInSettingsUpdate = Static<typeof signInSettingsUpdate>

export const openIdStartParams = Type.Object({ tenant_id: Type.String({ maxLength: 100 }) })
export const openIdStartQuery = Type.Object({
  return_to: Type.Optional(
    Type.String({ maxLength: 1000, description: 'A path of this server to go to in the end.' }),
  ),
})
