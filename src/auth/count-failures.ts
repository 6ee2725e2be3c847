import { AppError } from '../core/errors.ts'
import type { Authenticate } from './authenticate.ts'
import type { Attempt, FailedAttempts } from './failed-attempts.ts'
import { Refusal, type Claimed } from './refusal.ts'

export interface RefusedSignIn extends Claimed {
  readonly address: string | null
  /** How often this address has now failed at this account. */
  readonly failures: number
  /** For people; no secret is in it. */
  readonly reason: string
}

/**
 * The same, but whoever fails too often is told to wait. Good credentials are never held up, wherever they come from:
 * they are too long to be guessed, so waiting protects nothing but the log.
 */
export function countFailures(
  authenticate: Authenticate,
  deps: {
    readonly attempts: FailedAttempts
    readonly onRefused: (refused: RefusedSignIn) => void
  },
): Authenticate {
  return async (presented) => {
    try {
      return await authenticate(presented)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const { account, tenantId } = error.claimed
      const attempt = { address: presented.address, account }
      // Told before it is counted: a try that was made in time is answered for what it is.
      const wait = mustWait(deps.attempts, attempt)
      const failures = deps.attempts.fail(attempt)
      deps.onRefused({ ...attempt, tenantId, failures, reason: error.message })
      if (wait !== null) throw wait
      throw error
    }
  }
}

function mustWait(attempts: FailedAttempts, attempt: Attempt): AppError | null {
  try {
    attempts.admit(attempt)
    return null
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
}
