import { circuitBreaker, CircuitState, CountBreaker, handleAll } from 'cockatiel'
import { AppError } from '../core/errors.ts'

export type BreakerState = 'closed' | 'half-open' | 'open'

export interface BreakerOptions {
  /** Share of failed calls, in (0, 1), at which it opens. */
  readonly threshold: number
  /** Calls looked back on; it opens no earlier than after `minimumCalls` of them. */
  readonly window: number
  readonly minimumCalls: number
  /** How long it stays open before one call is let through as a trial. */
  readonly openMs: number
}

const DEFAULT_BREAKER: BreakerOptions = {
  threshold: 0.5,
  window: 20,
  minimumCalls: 5,
  openMs: 15_000,
}

/** A call that was let through. The first word on how it went counts; resolves when the state shows it. */
export interface Passage {
  succeeded(): Promise<void>
  failed(): Promise<void>
  /** Neither: the caller went away. A trial that showed nothing has failed. */
  undecided(): Promise<void>
  readonly trial: boolean
}

export interface Breaker {
  state(): BreakerState
  /** Throws `provider_unavailable` at once while open, or while the trial call is under way. */
  enter(): Passage
}

/** `name` is what the administrator calls the thing behind it. */
export function createBreaker(name: string, options: BreakerOptions = DEFAULT_BREAKER): Breaker {
  const policy = circuitBreaker(handleAll, {
    halfOpenAfter: options.openMs,
    breaker: new CountBreaker({
      threshold: options.threshold,
      size: options.window,
      minimumNumberOfCalls: options.minimumCalls,
    }),
  })
  let openedAt = 0
  policy.onBreak(() => {
    openedAt = Date.now()
  })

  function refuse(retryAfterMs: number): never {
    const message = `The provider of "${name}" has been failing and is given a rest. Try again later.`
    throw new AppError('provider_unavailable', message, { retryAfterMs: Math.max(1, retryAfterMs) })
  }

  return {
    state: () => describe(policy.state),
    enter() {
      // A second call would queue behind the trial; a caller is better served by knowing at once.
      if (policy.state === CircuitState.HalfOpen) refuse(options.openMs)
      const outcome = Promise.withResolvers<void>()
      let entered = false
      // What was reported as failed is thrown back at us; the caller has the true error.
      const settled = policy
        .execute(() => {
          entered = true
          return outcome.promise
        })
        .catch(() => undefined)
      if (!entered) refuse(openedAt + options.openMs - Date.now())
      const trial = describe(policy.state) === 'half-open'
      function failed(): Promise<void> {
        outcome.reject(new Error('failed'))
        return settled
      }
      return {
        trial,
        failed,
        succeeded() {
          outcome.resolve()
          return settled
        },
        async undecided() {
          // Left unsettled, a call counts as neither; a trial would keep the breaker half-open for ever.
          if (trial) await failed()
        },
      }
    },
  }
}

function describe(state: CircuitState): BreakerState {
  if (state === CircuitState.Closed) return 'closed'
  return state === CircuitState.HalfOpen ? 'half-open' : 'open'
}
