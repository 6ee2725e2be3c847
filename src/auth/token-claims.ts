import type { JWTPayload } from 'jose'

/** A claim by its path, `realm_access.roles`; a name with dots of its own is found as a whole first. */
export function claimAt(claims: JWTPayload, path: string): unknown {
  if (path in claims) return claims[path]
  return path
    .split('.')
    .reduce<unknown>(
      (node, name) =>
        typeof node === 'object' && node !== null && Object.hasOwn(node, name)
          ? Reflect.get(node, name)
          : undefined,
      claims,
    )
}

/** The words of a claim: a list of texts, or a text with spaces between them, as `scope` is. */
export function wordsOf(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return claim.split(' ').filter((word) => word !== '')
  return Array.isArray(claim) ? claim.filter((word) => typeof word === 'string') : []
}

/** For whom a token was made. Cognito's access tokens have no `aud`; there the client stands for it. */
export function audiencesOf(claims: JWTPayload): readonly string[] {
  const named = typeof claims.aud === 'string' ? [claims.aud] : (claims.aud ?? [])
  const { client_id: client, token_use: use } = claims
  return use === 'access' && named.length === 0 && typeof client === 'string' ? [client] : named
}

/** Whether the token speaks for a program by itself, and for no person. */
export function isOfProgram(claims: JWTPayload): boolean {
  const { sub, client_id: client, azp, preferred_username: name } = claims
  if (typeof name === 'string' && name.startsWith('service-account-')) return true
  return sub !== undefined && (sub === client || sub === azp)
}
