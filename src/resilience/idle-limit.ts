import { AppError } from '../core/errors.ts'

export interface IdleLimit {
  /** Aborted by the caller, or when nothing was heard for too long. */
  readonly signal: AbortSignal
  /** Something was heard: the time begins anew. */
  readonly alive: () => void
  race<Value>(work: Promise<Value>): Promise<Value>
  stop(): void
}

export function createIdleLimit(timeoutMs: number, outer?: AbortSignal): IdleLimit {
  const controller = new AbortController()
  const timer = setTimeout(() => {
    const message = `The file storage was silent for ${timeoutMs} ms. Try again in a moment.`
    controller.abort(new AppError('provider_unavailable', message))
  }, timeoutMs)
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
