import { AppError } from '../core/errors.ts'
import type { Leases } from '../core/ports/leases.ts'

export interface StreamCap {
  /** Resolves with the way to end it. Throws `rate_limited` while `limit` streams of the same holder are open; null is without limit. */
  open(stream: {
    /** `key:key_1` */
    readonly of: string
    readonly id: string
    readonly limit: number | null
  }): Promise<() => void>
}

/** A process that was killed frees its streams after so long. */
const TTL_MS = 30_000
const RETRY_AFTER_MS = 2_000

export function createStreamCap({
  leases,
  renewEveryMs = TTL_MS / 3,
}: {
  readonly leases: Leases
  readonly renewEveryMs?: number
}): StreamCap {
  return {
    async open({ of, id, limit }) {
      if (limit === null) return () => undefined
      const lease = { key: `streams:${of}`, holder: id, ttlMs: renewEveryMs * 3 }
      if (!(await leases.take(lease, limit))) {
        throw new AppError(
          'rate_limited',
          `As many answers as allowed are streaming already: ${limit} at once. Ask again when one of them has ended.`,
          { retryAfterMs: RETRY_AFTER_MS },
        )
      }
      const renewing = setInterval(() => void leases.renew(lease), renewEveryMs).unref()
      return () => {
        clearInterval(renewing)
        void leases.release(lease)
      }
    },
  }
}
