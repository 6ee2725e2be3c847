import { setTimeout as delay } from 'node:timers/promises'
import type { RouteDeps } from '../../route-deps.ts'
import { isRunning, settleResponse } from './background.ts'
import { findResponse } from './find-response.ts'
import { replayResponse } from './replay-response.ts'
import type { ResponseEvent } from './response-events.ts'
import type { RunningResponses } from './running-responses.ts'

export interface FollowDeps extends Pick<RouteDeps, 'answers' | 'database'> {
  readonly running: RunningResponses
}

export interface Followed {
  readonly tenantId: string
  readonly id: string
  /** The number of the last event that is known. */
  readonly after: number
}

/** Another process is at work on it: what it keeps is looked at so often. */
const LOOK_EVERY_MS = 500

/** The events of a response in the background behind a number, as they come, to its end. Throws where it is gone. */
export async function* followResponse(
  deps: FollowDeps,
  { tenantId, id, after }: Followed,
  signal: AbortSignal,
): AsyncGenerator<ResponseEvent> {
  let next = after + 1
  for (;;) {
    const live = deps.running.get(id)
    if (live !== undefined) {
      for await (const event of liveEvents(live, next, signal)) {
        yield event
        next = event.sequence_number + 1
      }
    }
    // What ended here is kept by now; what another process writes is as it was last kept.
    const { response: found } = await findResponse(deps, tenantId, id)
    const kept = await settleResponse(deps, tenantId, found)
    const { journal } = kept
    if (journal === undefined) return
    for (const event of replayResponse(kept, journal).slice(next)) {
      yield event
      next = event.sequence_number + 1
    }
    if (!isRunning(kept)) return
    await delay(LOOK_EVERY_MS, undefined, { signal })
  }
}

async function* liveEvents(
  live: NonNullable<ReturnType<RunningResponses['get']>>,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<ResponseEvent> {
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  for (let next = from; ;) {
    const event = live.events[next]
    if (event !== undefined) {
      yield event
      next++
      continue
    }
    if (live.isOver) return
    await Promise.race([live.changed(), stopped])
    signal.throwIfAborted()
  }
}
