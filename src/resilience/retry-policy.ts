import {
  ExponentialBackoff,
  handleWhen,
  retry,
  type IBackoffFactory,
  type IRetryBackoffContext,
} from 'cockatiel'
import { mayPass } from './may-pass.ts'

export interface RetryOptions {
  /** After the first attempt. */
  readonly maxRetries: number
  /** Of the first wait; the following ones grow exponentially, with jitter. */
  readonly initialDelayMs: number
  /** Of one wait. A provider that asks for more is not waited for: its error goes to the caller at once. */
  readonly maxDelayMs: number
}

export const DEFAULT_RETRIES: RetryOptions = {
  maxRetries: 3,
  initialDelayMs: 250,
  maxDelayMs: 8_000,
}

export type Retry = <Result>(
  attempt: () => Promise<Result>,
  signal: AbortSignal | undefined,
) => Promise<Result>

/** Tries again what may pass; waits at least as long as the provider asks. Aborting ends the waiting too. */
export function createRetry(options: RetryOptions): Retry {
  const policy = retry(
    handleWhen((error) => mayPass(error) && (error.retryAfterMs ?? 0) <= options.maxDelayMs),
    { maxAttempts: options.maxRetries, backoff: askedOr(createExponential(options)) },
  )
  return async (attempt, signal) => {
    if (signal === undefined) return policy.execute(attempt)
    signal.throwIfAborted()
    const { promise: aborted, reject } = Promise.withResolvers<never>()
    const abort = (): void => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    try {
      // The policy itself sleeps through an abort, and calls once more when it wakes.
      const run = policy.execute(async () => {
        signal.throwIfAborted()
        return attempt()
      }, signal)
      return await Promise.race([run, aborted])
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }
}

type RetryBackoff = IBackoffFactory<IRetryBackoffContext<unknown>>

function createExponential({ initialDelayMs, maxDelayMs }: RetryOptions): RetryBackoff {
  return new ExponentialBackoff({ initialDelay: initialDelayMs, maxDelay: maxDelayMs })
}

/** The backoff's own delay, or the provider's Retry-After where that is longer. */
function askedOr(backoff: RetryBackoff): RetryBackoff {
  return {
    next(context) {
      const own = backoff.next(context)
      const asked = 'error' in context.result ? retryAfterOf(context.result.error) : 0
      return { duration: Math.max(own.duration, asked), next: (later) => askedOr(own).next(later) }
    },
  }
}

function retryAfterOf(error: unknown): number {
  return mayPass(error) ? (error.retryAfterMs ?? 0) : 0
}
