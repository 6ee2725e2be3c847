export interface Pace {
  /** Resolves when the host may be asked again. */
  turn(host: string, signal: AbortSignal): Promise<void>
  /** A site wants to be asked no more often than this. */
  slow(host: string, intervalMs: number): void
  /** A host wants not to be asked for so long. */
  rest(host: string, forMs: number): void
}

export interface PaceOptions {
  readonly requestsPerSecond: number
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  readonly now?: () => number
  readonly random?: () => number
}

/** A quarter more, by chance, so that the beat of several servers does not fall together. */
const JITTER = 0.25

/** Lets a host be asked at most so often, with pauses of uneven length. */
export function createPace(options: PaceOptions): Pace {
  const { requestsPerSecond, wait, now = Date.now, random = Math.random } = options
  const next = new Map<string, number>()
  const slowed = new Map<string, number>()
  return {
    async turn(host, signal) {
      signal.throwIfAborted()
      const at = Math.max(next.get(host) ?? 0, now())
      const interval = Math.max(1000 / requestsPerSecond, slowed.get(host) ?? 0)
      next.set(host, at + interval * (1 + JITTER * random()))
      const pause = at - now()
      if (pause > 0) await wait(pause, signal)
    },
    slow: (host, intervalMs) => void slowed.set(host, intervalMs),
    rest: (host, forMs) => void next.set(host, Math.max(next.get(host) ?? 0, now() + forMs)),
  }
}
