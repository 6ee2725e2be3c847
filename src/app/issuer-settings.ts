import { Type } from 'typebox'
import { choice, optional, section, text, whole } from './setting-kinds.ts'

const grant = section('What a word in a claim gives.', {
  claim: text({
    description: 'A word of one of `grant_claims`: a role, a group or a scope there.',
  }),
  scopes: Type.Array(
    choice(['admin', 'ask', 'ingest', 'operator', 'read'], { description: 'A scope.' }),
    {
      description: 'What it may do here.',
    },
  ),
  role: optional(
    choice(['owner', 'admin', 'editor', 'member', 'viewer'], {
      description: 'What a person who has it is shown as.',
    }),
  ),
})

const url = { pattern: '^https?://' }

/** Outside issuers of bearer tokens. */
export const issuer = section('An outside issuer whose bearer tokens are believed.', {
  name: Type.String({
    pattern: '^[a-z][a-z0-9-]{0,39}$',
    description: 'Stands before the subject in logs and reports: small letters, digits, hyphens.',
  }),
  issuer: Type.String({ ...url, description: 'Exactly as `iss` of its tokens spells it.' }),
  audiences: Type.Array(text({ description: 'A name.' }), {
    minItems: 1,
    description:
      "One of these must be the token's `aud`, or the `client_id` of an access token of Cognito.",
  }),
  jwksUrl: optional(
    Type.String({
      ...url,
      description: 'Where its keys are; null finds them by its OpenID configuration.',
    }),
  ),
  algorithms: Type.Array(
    choice(
      ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
      {
        description: 'A signature.',
      },
    ),
    { minItems: 1, description: 'The only ones it may sign with.', default: ['RS256'] },
  ),
  clockSkewSeconds: whole({
    minimum: 0,
    maximum: 300,
    description: 'How far its clock may be off.',
    default: 30,
  }),
  tenantId: optional(text({ description: 'The tenant of all its tokens.' })),
  tenantClaim: optional(
    text({ description: 'The claim that holds the id of the tenant; in place of `tenant_id`.' }),
  ),
  grantClaims: Type.Array(text({ description: 'A claim, `realm_access.roles`.' }), {
    description: 'The claims in which `grants` are looked for; dots lead into a claim.',
    default: ['scope', 'roles', 'groups', 'realm_access.roles', 'cognito:groups'],
  }),
  grants: Type.Array(grant, {
    minItems: 1,
    description: 'What words in these claims give. Who has none of them is refused.',
  }),
})
