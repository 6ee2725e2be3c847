import { Type } from 'typebox'
import { issuer } from './issuer-settings.ts'
import { flag, optional, section, whole } from './setting-kinds.ts'

export const auth = section('How callers are recognised.', {
  secret: optional(
    Type.String({
      minLength: 32,
      description:
        'What session cookies and signing secrets are made from, at least 32 characters; null makes one and keeps it in the data directory. Servers that share a database need the same one.',
      secret: true,
    }),
  ),
  previousSecret: optional(
    Type.String({
      minLength: 32,
      description:
        'The one before: what was made from it is still believed, so that a secret can be replaced without signing anybody out.',
      secret: true,
    }),
  ),
  publicUrl: optional(
    Type.String({
      pattern: '^https?://',
      description:
        'Under which people reach the server: where it begins with https, cookies are for TLS alone. Null takes it from each request; sign-in at an OpenID provider needs it, unless it is at localhost.',
    }),
  ),
  sessionIdleMinutes: whole({
    maximum: 525_600,
    description: 'A session that is not used for so long is over.',
    default: 1_440,
  }),
  sessionDays: whole({
    maximum: 365,
    description: 'After which a session is over, used or not.',
    default: 30,
  }),
  sessionsPerAddress: optional(
    whole({
      description:
        'Sessions of one tenant that may stand at one address at a time; null is without limit, for a campus behind one address.',
    }),
  ),
  providersInside: flag({
    description:
      "Whether tenants may name OpenID providers that are in the server's own network or speak plain HTTP; otherwise such addresses are not called.",
    default: false,
  }),
  accessTokenMinutes: whole({
    maximum: 1_440,
    description: 'How long a token of POST /auth/token is good.',
    default: 15,
  }),
  issuers: Type.Array(issuer, {
    description:
      'Issuers elsewhere, such as Keycloak or Amazon Cognito, whose access tokens are taken.',
    default: [],
  }),
})
