import { randomUUID } from 'node:crypto'
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose'
import type { Scope } from '../core/principal.ts'
import type { DerivedKeys } from './derived-keys.ts'

export interface AccessClaims {
  readonly tenantId: string
  readonly userId: string
  /** No more than the person's role gives at the time of use. */
  readonly scopes: readonly Scope[]
  /** Milliseconds since the epoch. */
  readonly issuedAt: number
}

export interface AccessTokens {
  readonly lifetimeSeconds: number
  make(claims: Omit<AccessClaims, 'issuedAt'>): Promise<string>
  /** Whether it says to be one of these: others have their own reader. */
  isOurs(token: string): boolean
  /** The sentence that says why not, or what it claims. */
  read(token: string): Promise<AccessClaims | string>
}

const ISSUER = 'ragstone'
const TYPE = 'at+jwt'

/** Signed with HMAC: only servers with the same secret make and read them. */
export function createAccessTokens({
  keys,
  lifetimeSeconds,
  now = Date.now,
}: {
  readonly keys: DerivedKeys
  readonly lifetimeSeconds: number
  readonly now?: () => number
}): AccessTokens {
  return {
    lifetimeSeconds,
    make({ tenantId, userId, scopes }) {
      const seconds = now() / 1000
      return new SignJWT({ tid: tenantId, scope: scopes.join(' ') })
        .setProtectedHeader({ alg: 'HS256', typ: TYPE, kid: `${ISSUER}-${keys[0].id}` })
        .setIssuer(ISSUER)
        .setAudience(ISSUER)
        .setSubject(userId)
        .setJti(randomUUID())
        .setIssuedAt(seconds)
        .setExpirationTime(Math.floor(seconds) + lifetimeSeconds)
        .sign(keys[0].key)
    },
    isOurs(token) {
      try {
        return decodeProtectedHeader(token).kid?.startsWith(`${ISSUER}-`) === true
      } catch {
        return false
      }
    },
    async read(token) {
      try {
        const { payload } = await jwtVerify(
          token,
          ({ kid }) => {
            const known = keys.find(({ id }) => kid === `${ISSUER}-${id}`)
            if (known === undefined) throw new errors.JWKSNoMatchingKey()
            return known.key
          },
          {
            algorithms: ['HS256'],
            typ: TYPE,
            issuer: ISSUER,
            audience: ISSUER,
            requiredClaims: ['sub', 'tid', 'iat', 'exp', 'scope'],
            currentDate: new Date(now()),
          },
        )
        return {
          tenantId: String(payload['tid']),
          userId: String(payload.sub),
          scopes: String(payload['scope']).split(' ') as readonly Scope[],
          issuedAt: (payload.iat ?? 0) * 1000,
        }
      } catch (error) {
        if (error instanceof errors.JWTExpired)
          return 'This access token has expired: get a new one.'
        if (error instanceof errors.JOSEError)
          return 'This access token was not made by this server.'
        throw error
      }
    },
  }
}
