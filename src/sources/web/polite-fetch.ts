import { AppError } from '../../core/errors.ts'
import type { FetchOutside, OutsideRequest, OutsideResponse } from '../../outside/fetch-outside.ts'
import type { Pace } from './pace.ts'

const ATTEMPTS = 3
const FIRST_REST_MS = 2_000
/** A site that wants to be left alone for longer is asked again by the next sync. */
const LONGEST_REST_MS = 120_000

/**
 * Asks in turn, and again where it may pass: after as long as the site says, or longer each time. Throws
 * `provider_unavailable` where a site answers 429 or 5xx to the last; any other answer is an answer.
 */
export function createPoliteFetch({
  fetch,
  pace,
}: {
  readonly fetch: FetchOutside
  readonly pace: Pace
}): (wanted: OutsideRequest & { readonly signal: AbortSignal }) => Promise<OutsideResponse> {
  return async (wanted) => {
    const { host } = wanted.url
    for (let attempt = 1; ; attempt++) {
      await pace.turn(host, wanted.signal)
      const failure = await askOnce()
      if ('status' in failure) return failure
      const rest = failure.retryAfterMs ?? FIRST_REST_MS * 2 ** (attempt - 1)
      if (attempt === ATTEMPTS || rest > LONGEST_REST_MS) throw failure
      pace.rest(host, rest)
    }

    async function askOnce(): Promise<OutsideResponse | AppError> {
      try {
        const response = await fetch(wanted)
        if (response.status < 500 && response.status !== 429) return response
        await response.discard()
        return refusedFor(response)
      } catch (error) {
        if (error instanceof AppError && error.code === 'provider_unavailable') return error
        throw error
      }
    }
  }
}

function refusedFor(response: OutsideResponse): AppError {
  const asked = retryAfterMs(response.header('retry-after'))
  return new AppError(
    'provider_unavailable',
    `The host ${response.url.host} answers ${response.status}.`,
    asked === null ? {} : { retryAfterMs: asked },
  )
}

/** Seconds, or a date. */
function retryAfterMs(header: string | null): number | null {
  if (header === null) return null
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now())
}
