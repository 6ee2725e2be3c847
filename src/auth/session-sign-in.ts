import { AppError } from '../core/errors.ts'
import type { User } from '../core/person.ts'
import type { Principal } from '../core/principal.ts'
import { scopesOf } from '../tenancy/roles.ts'
import type { SignIn } from './authenticate.ts'
import { insistOnOwnPage } from './csrf.ts'
import { readCookie, SESSION_COOKIES } from './session-cookie.ts'
import type { SessionKeeper } from './session-keeper.ts'

/** The session cookie, where there is no Authorization header. */
export function createSessionSignIn({
  sessionKeeper,
  publicUrl,
}: {
  readonly sessionKeeper: Pick<SessionKeeper, 'find'>
  readonly publicUrl: string | null
}): SignIn {
  return async (presented) => {
    if (presented.authorization !== undefined) return null
    const secret = readCookie(presented.headers, SESSION_COOKIES)
    if (secret === undefined) return null
    const known = await sessionKeeper.find(secret)
    // 256 random bits are not guessed: nothing is counted, and an old cookie makes nobody wait.
    if (known === null) {
      throw new AppError('unauthenticated', 'This session has ended: sign in again.')
    }
    insistOnOwnPage(presented, secret, publicUrl)
    return { ...principalOf(known.tenantId, known.user), sessionId: known.session.id }
  }
}

export function principalOf(tenantId: string, { id, role }: User): Principal {
  return {
    tenantId,
    keyId: null,
    userId: id,
    sessionId: null,
    serviceId: null,
    role,
    scopes: scopesOf(role),
    vectorStoreIds: null,
    limits: {},
  }
}
