import type { FastifyReply, FastifyRequest } from 'fastify'
import { CallerGone, causeOf } from '../../calls.ts'
import { logFailure } from '../../error-handling.ts'
import type { RouteDeps } from '../../route-deps.ts'
import { openEventStream } from '../../sse.ts'
import { wireFailure } from '../../wire-failure.ts'
import { followResponse, type FollowDeps, type Followed } from './follow-response.ts'
import { visibleEvent } from './visible-response.ts'

const KEEP_ALIVE_MS = 15_000

/** Streams a response in the background. Whoever goes away ends the stream, and not the work. */
export async function streamKept(
  deps: FollowDeps & Pick<RouteDeps, 'calls' | 'settings'>,
  followed: Followed & { readonly includeResults: boolean },
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<FastifyReply> {
  const call = deps.calls.begin(reply)
  const { signal } = call
  const keepAliveMs = deps.settings.keepAliveMs ?? KEEP_ALIVE_MS
  const stream = openEventStream(reply, { keepAliveMs, signal })
  let last = followed.after
  try {
    for await (const event of followResponse(deps, followed, signal)) {
      last = event.sequence_number
      await stream.send({
        event: event.type,
        data: visibleEvent(event, followed.includeResults),
      })
    }
  } catch (error) {
    const cause = causeOf(error, signal)
    const { status, code, message, param } = wireFailure(cause)
    logFailure(cause, status, request)
    // The response goes on or is gone: this is of the stream, which can be taken up again behind the last event.
    const data = { type: 'error', code, message, param, sequence_number: last + 1 }
    if (!(cause instanceof CallerGone)) await stream.send({ event: 'error', data })
  } finally {
    stream.end()
    call.end()
  }
  return reply
}
