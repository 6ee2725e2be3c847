import { decodeJwt, errors, jwtVerify, type JWTPayload } from 'jose'
import type { Principal, Role, Scope } from '../core/principal.ts'
import type { SignIn } from './authenticate.ts'
import type { Issuer } from './issuer.ts'
import { createFetchKeys } from './issuer-keys.ts'
import { createJwks } from './jwks.ts'
import { bearerOf } from './presented.ts'
import { Refusal } from './refusal.ts'
import { audiencesOf, claimAt, isOfProgram, wordsOf } from './token-claims.ts'

/** `Authorization: Bearer eyJ…` of an outside issuer. A token that names none of them is left to others. */
export function createExternalTokenSignIn({
  issuers,
  now = Date.now,
}: {
  readonly issuers: readonly Issuer[]
  readonly now?: () => number
}): SignIn {
  const known = new Map(
    issuers.map((issuer) => [
      issuer.issuer,
      { issuer, keys: createJwks({ name: issuer.name, load: createFetchKeys(issuer), now }) },
    ]),
  )
  return async (presented) => {
    const token = bearerOf(presented)
    if (token === null || !/^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(token)) return null
    const by = known.get(issuerOf(token) ?? '')
    if (by === undefined) return null
    const { issuer, keys } = by
    const { payload } = await jwtVerify(token, keys, {
      issuer: issuer.issuer,
      algorithms: [...issuer.algorithms],
      clockTolerance: issuer.clockSkewSeconds,
      currentDate: new Date(now()),
      requiredClaims: ['exp', 'sub'],
    }).catch((error: unknown) => {
      throw explain(error, issuer)
    })
    return principalOf(payload, issuer)
  }
}

function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss
  } catch {
    return undefined
  }
}

function principalOf(claims: JWTPayload, issuer: Issuer): Principal {
  const subject = `${issuer.name}:${claims.sub}`
  const refuse = (why: string) => new Refusal(why, { account: subject, tenantId: null })
  // An ID token tells an application who somebody is; it is no permission to call an API.
  if (claims['token_use'] === 'id' || claims['typ'] === 'ID') {
    throw refuse('This is an ID token; send the access token.')
  }
  if (!audiencesOf(claims).some((audience) => issuer.audiences.includes(audience))) {
    throw refuse(`This token is not for this server: its audience must be ${list(issuer)}.`)
  }
  const tenant = issuer.tenantId ?? claimAt(claims, issuer.tenantClaim ?? '')
  if (typeof tenant !== 'string' || tenant === '') {
    throw refuse(`This token does not say its tenant in the claim '${issuer.tenantClaim}'.`)
  }
  const { role, scopes } = grantsOf(claims, issuer)
  if (scopes.length === 0) {
    throw refuse('This token gives no right here: no word of its claims is one of the grants.')
  }
  const program = isOfProgram(claims)
  return {
    tenantId: tenant,
    keyId: null,
    userId: program ? null : subject,
    sessionId: null,
    serviceId: program ? subject : null,
    role: program ? null : role,
    scopes,
    vectorStoreIds: null,
    limits: {},
  }
}

const list = ({ audiences }: Issuer) => audiences.map((audience) => `'${audience}'`).join(' or ')
const RANK: readonly Role[] = ['owner', 'admin', 'editor', 'member', 'viewer']

function grantsOf(claims: JWTPayload, { grantClaims, grants }: Issuer) {
  const words = new Set(grantClaims.flatMap((path) => wordsOf(claimAt(claims, path))))
  const given = grants.filter(({ claim }) => words.has(claim))
  const scopes: readonly Scope[] = [...new Set(given.flatMap((grant) => grant.scopes))]
  return { scopes, role: RANK.find((role) => given.some((grant) => grant.role === role)) ?? null }
}

/** In words that help and tell nothing; what is no fault of the token goes on as it is. */
function explain(error: unknown, { name }: Issuer): unknown {
  if (error instanceof errors.JWTExpired) return new Refusal('This token has expired.')
  if (error instanceof errors.JWTClaimValidationFailed) {
    return new Refusal(
      error.claim === 'nbf'
        ? 'This token is not valid yet.'
        : `This token has no good claim '${error.claim}'.`,
    )
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return new Refusal(`This token is signed in a way that "${name}" may not use.`)
  }
  if (error instanceof errors.JOSEError) {
    return new Refusal(`This token was not signed by "${name}".`)
  }
  return error
}
