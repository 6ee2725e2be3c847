import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Signal } from '../core/ports/signals.ts'
import { CallerGone, causeOf } from './calls.ts'
import { logFailure } from './error-handling.ts'
import { openStream } from './open-stream.ts'
import type { RouteDeps } from './route-deps.ts'
import { openEventStream } from './sse.ts'
import { wireFailure } from './wire-failure.ts'

export interface Snapshots<Shown> {
  /** Looked at before the stream begins, so that what is not there is a 404. */
  readonly first: Shown
  readonly look: () => Promise<Shown>
  readonly event: (shown: Shown) => string
  readonly isLast: (shown: Shown) => boolean
  /** Whether it may be worth another look. */
  readonly concerns: (signal: Signal) => boolean
}

const KEEP_ALIVE_MS = 15_000
/** Where nothing is heard there may still be news: estimates grow old, and hints get lost. */
const LOOK_EVERY_MS = 1_000
/** News comes in bursts. */
const LEAST_MS = 250

/** Shows something at once and whenever it has changed, until it is over or its reader is gone. */
export async function streamSnapshots<Shown extends object>(
  deps: Pick<RouteDeps, 'calls' | 'principal' | 'settings' | 'signals' | 'streamCap'>,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  { first, look, event, isLast, concerns }: Snapshots<Shown>,
): Promise<FastifyReply> {
  const endStream = await openStream(deps, request)
  const call = deps.calls.begin(reply)
  const { signal } = call
  let ring = (): void => undefined
  const deafen = deps.signals.listen((news) => {
    if (concerns(news)) ring()
  })
  const stream = openEventStream(reply, {
    keepAliveMs: deps.settings.keepAliveMs ?? KEEP_ALIVE_MS,
    signal,
  })
  try {
    let shown = first
    await stream.send({ event: event(shown), data: shown })
    while (!isLast(shown)) {
      const heard = new Promise<void>((resolve) => {
        ring = resolve
      })
      await delay(LEAST_MS, undefined, { signal })
      await Promise.race([heard, delay(LOOK_EVERY_MS - LEAST_MS, undefined, { signal })])
      const next = await look()
      if (JSON.stringify(next) !== JSON.stringify(shown)) {
        await stream.send({ event: event(next), data: next })
      }
      shown = next
    }
  } catch (error) {
    const cause = causeOf(error, signal)
    const { status, code, message, param } = wireFailure(cause)
    logFailure(cause, status, request)
    if (!(cause instanceof CallerGone))
      await stream.send({ event: 'error', data: { type: 'error', code, message, param } })
  } finally {
    deafen()
    stream.end()
    call.end()
    endStream()
  }
  return reply
}
