import { AppError } from '../core/errors.ts'

export interface TimeLimit {
  /** Aborted by the caller, or when the time is up. */
  readonly signal: AbortSignal
  /** The time begins anew. */
  readonly alive: () => void
  race<Value>(work: Promise<Value>): Promise<Value>
  stop(): void
}

export interface TimeLimitOptions {
  readonly timeoutMs: number
  /** Said when the time is up. */
  readonly message: string
  /** The caller's. */
  readonly signal?: AbortSignal | undefined
}

/** Runs from now on, until it is stopped. */
export function startTimeLimit({ timeoutMs, message, signal: outer }: TimeLimitOptions): TimeLimit {
  const controller = new AbortController()
  const timer = setTimeout(
    () => controller.abort(new AppError('provider_unavailable', message)),
    timeoutMs,
  )
  const signal = outer ? AbortSignal.any([outer, controller.signal]) : controller.signal
  return {
    signal,
    alive: () => void timer.refresh(),
    async race(work) {
      const { promise: over, reject } = Promise.withResolvers<never>()
      const abort = (): void => reject(signal.reason)
      if (signal.aborted) abort()
      signal.addEventListener('abort', abort, { once: true })
      try {
        return await Promise.race([work, over])
      } finally {
        signal.removeEventListener('abort', abort)
      }
    },
    stop: () => clearTimeout(timer),
  }
}
