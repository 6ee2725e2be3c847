import { createAuthenticate, type Authenticate, type SignIn } from '../auth/authenticate.ts'
import { countFailures, type RefusedSignIn } from '../auth/count-failures.ts'
import { createExternalTokenSignIn } from '../auth/external-token-sign-in.ts'
import type { FailedAttempts } from '../auth/failed-attempts.ts'
import type { Config } from './config.ts'

/** Every way of saying who one is, the cheapest first; failures are counted. */
export function createSignIn(deps: {
  readonly ofKeys: readonly SignIn[]
  readonly ofPeople: readonly SignIn[]
  readonly issuers: Config['auth']['issuers']
  readonly attempts: FailedAttempts
  readonly onRefused: (refused: RefusedSignIn) => void
}): Authenticate {
  const { ofKeys, ofPeople, issuers, attempts, onRefused } = deps
  const external = createExternalTokenSignIn({ issuers })
  return countFailures(createAuthenticate([...ofKeys, external, ...ofPeople]), {
    attempts,
    onRefused,
  })
}
