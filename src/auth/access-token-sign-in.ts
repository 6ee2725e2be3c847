import type { User } from '../core/person.ts'
import type { Database } from '../core/ports/database.ts'
import type { Users } from '../core/ports/users.ts'
import type { AccessTokens } from './access-token.ts'
import type { SignIn } from './authenticate.ts'
import { bearerOf } from './presented.ts'
import { Refusal } from './refusal.ts'
import { principalOf } from './session-sign-in.ts'
import { createWarmLookup } from './warm-lookup.ts'

const WARM_MS = 5_000
const WARM_PEOPLE = 10_000

export interface AccessTokenSignIn {
  readonly signIn: SignIn
  /** So that this process notices at once what was changed of a person. */
  forget(userId: string): void
}

/** `Authorization: Bearer` with a token that this server made: what it may do follows from the person as he is now. */
export function createAccessTokenSignIn(deps: {
  readonly accessTokens: AccessTokens
  readonly database: Database
  readonly users: Pick<Users, 'get'>
  readonly now?: () => number
}): AccessTokenSignIn {
  const { accessTokens, database, users } = deps
  const people = createWarmLookup<User>({
    warmMs: WARM_MS,
    most: WARM_PEOPLE,
    now: deps.now ?? Date.now,
    find: (name) => {
      const [tenantId = '', userId = ''] = name.split(' ')
      return database.transact(tenantId, (transaction) => users.get(transaction, userId))
    },
  })
  return {
    async signIn(presented) {
      const token = bearerOf(presented)
      if (token === null || !accessTokens.isOurs(token)) return null
      const claims = await accessTokens.read(token)
      if (typeof claims === 'string') throw new Refusal(claims)
      const { tenantId, userId, scopes, issuedAt } = claims
      const user = await people.find(`${tenantId} ${userId}`)
      const stands =
        user !== null && user.disabledAt === null && issuedAt >= user.tokensValidFrom.getTime()
      if (!stands) {
        throw new Refusal('This access token was revoked: get a new one.', {
          account: userId,
          tenantId,
        })
      }
      const principal = principalOf(tenantId, user)
      return { ...principal, scopes: principal.scopes.filter((scope) => scopes.includes(scope)) }
    },
    forget: (userId) => people.forgetWhere(({ id }) => id === userId),
  }
}
