import { AppError } from '../core/errors.ts'
import type { Principal } from '../core/principal.ts'
import { maskApiKey } from './api-key.ts'
import { bearerOf, type Presented } from './presented.ts'
import { Refusal } from './refusal.ts'

/** Throws `unauthenticated`. */
export type Authenticate = (presented: Presented) => Promise<Principal>

/**
 * One way of saying who one is. Null when the request does not try it; throws `unauthenticated` when it does and should
 * not be believed, so that no other way is tried after it.
 */
export type SignIn = (presented: Presented) => Promise<Principal | null>

/** The first way that the request takes, in the order given. */
export function createAuthenticate(ways: readonly SignIn[]): Authenticate {
  return async (presented) => {
    for (const signIn of ways) {
      const principal = await signIn(presented)
      if (principal !== null) return principal
    }
    throw unknownWay(presented)
  }
}

function unknownWay(presented: Presented): AppError {
  const { authorization } = presented
  // Nothing was tried, so nothing failed.
  if (authorization === undefined || authorization.trim() === '') {
    return new AppError(
      'unauthenticated',
      'No API key was sent: put `Authorization: Bearer rs_…` into the request.',
    )
  }
  const token = bearerOf(presented)
  if (token === null) return new Refusal('The Authorization header must read `Bearer rs_…`.')
  return new Refusal(
    `Incorrect API key provided: ${maskApiKey(token)}. It is not spelled like a key; was it copied whole?`,
  )
}
