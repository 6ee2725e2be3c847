import { AppError } from '../../../core/errors.ts'
import type { ResponseEvent } from './response-events.ts'

/** A response that this process is at work on. */
export interface RunningResponse {
  /** All so far, where it is streamed; the place of each is its number. */
  readonly events: readonly ResponseEvent[]
  readonly isOver: boolean
  /** Aborted when it is cancelled here; elsewhere the next beat shows it. */
  readonly cancelled: AbortSignal
  cancel(): void
  /** Resolves with the next event, or the end. */
  changed(): Promise<void>
  add(events: readonly ResponseEvent[]): void
  end(): void
}

export interface RunningResponses {
  /** Throws `overloaded` where as many run as may. */
  begin(id: string): RunningResponse
  get(id: string): RunningResponse | undefined
}

const RETRY_AFTER_MS = 5_000

export function createRunningResponses(most: number): RunningResponses {
  const running = new Map<string, RunningResponse>()
  return {
    get: (id) => running.get(id),
    begin(id) {
      if (running.size >= most) {
        throw new AppError(
          'overloaded',
          `The server is at work on ${most} background responses and takes no more now: try again in a moment.`,
          { retryAfterMs: RETRY_AFTER_MS },
        )
      }
      const response = createRunning(() => running.delete(id))
      running.set(id, response)
      return response
    },
  }
}

function createRunning(onEnd: () => void): RunningResponse {
  const events: ResponseEvent[] = []
  let change = Promise.withResolvers<void>()
  let isOver = false
  const cancellation = new AbortController()
  const tell = () => {
    change.resolve()
    change = Promise.withResolvers()
  }
  return {
    events,
    cancelled: cancellation.signal,
    cancel: () => cancellation.abort(),
    get isOver() {
      return isOver
    },
    changed: () => (isOver ? Promise.resolve() : change.promise),
    add(more) {
      events.push(...more)
      tell()
    },
    end() {
      isOver = true
      onEnd()
      tell()
    },
  }
}
