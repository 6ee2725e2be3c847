import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'
import { AppError } from '../core/errors.ts'

/** One call whose work ends with its caller. */
export interface Call {
  /** Aborted when the caller is gone (`CallerGone`), or the server must stop (`shutting_down`). */
  readonly signal: AbortSignal
  end(): void
}

export interface Calls {
  /** False from the moment the application is being closed. */
  readonly open: boolean
  /** Null for work that goes on without its caller. */
  begin(reply: FastifyReply | null): Call
  /** Resolves when every call has ended: by itself within the grace, or told to after it. */
  drain(graceMs: number): Promise<void>
}

/** The reason of a signal that was aborted because nobody listens any longer. */
export class CallerGone extends Error {
  override readonly name = 'CallerGone'
}

/** How long a call that was told to stop may take to say so to its caller. */
const FAREWELL_MS = 2_000

export function createCalls(): Calls {
  const running = new Map<AbortController, Promise<void>>()
  let open = true

  const settle = async (milliseconds: number) => {
    const waiting = new AbortController()
    const timer = delay(milliseconds, undefined, { signal: waiting.signal }).catch(() => undefined)
    await Promise.race([Promise.all(running.values()), timer])
    waiting.abort()
  }

  return {
    get open() {
      return open
    },
    begin(reply) {
      const controller = new AbortController()
      const { promise, resolve } = Promise.withResolvers<void>()
      const leave = () => controller.abort(new CallerGone('The caller is gone.'))
      reply?.raw.once('close', leave)
      if (reply?.raw.destroyed === true) leave()
      running.set(controller, promise)
      return {
        signal: controller.signal,
        end() {
          reply?.raw.off('close', leave)
          running.delete(controller)
          resolve()
        },
      }
    },
    async drain(graceMs) {
      open = false
      await settle(graceMs)
      for (const controller of running.keys()) {
        controller.abort(
          new AppError('shutting_down', 'The server is being stopped; ask again in a moment.'),
        )
      }
      await settle(FAREWELL_MS)
    },
  }
}

/** What ended the work: the signal's own reason where that is why it failed. */
export function causeOf(error: unknown, signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : error
}
