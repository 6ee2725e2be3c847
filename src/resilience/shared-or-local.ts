import { AppError } from '../core/errors.ts'
import type { Breaker } from './breaker.ts'

export interface SharedOrLocal {
  /** False while everything is done here alone. */
  readonly isShared: boolean
  /** The shared work where that is possible, at once the local one where it is not. */
  run<Result>(shared: () => Promise<Result>, local: () => Promise<Result>): Promise<Result>
  /** Its connection broke: known before anybody is made to wait for it. */
  lost(): void
  stop(): void
}

export interface SharedOrLocalDeps {
  readonly breaker: Breaker
  /** Asks whether what is shared is there again; rejects while it is not. */
  readonly probe: () => Promise<unknown>
  readonly probeEveryMs: number
  /** Told once each time that it goes, with the reason, and with null when it comes back. */
  readonly onChange: (reason: unknown) => void
}

/** One failure is enough to go on without: no caller waits for a second. A probe finds out when to go on together. */
export function createSharedOrLocal(deps: SharedOrLocalDeps): SharedOrLocal {
  const { breaker, probe, onChange } = deps
  let isShared = true
  let probing: NodeJS.Timeout | undefined

  async function tryShared<Result>(work: () => Promise<Result>): Promise<Result> {
    const passage = breaker.enter()
    try {
      const result = await work()
      void passage.succeeded()
      return result
    } catch (error) {
      await passage.failed()
      throw error
    }
  }

  function leave(reason: unknown): void {
    if (!isShared) return
    isShared = false
    onChange(reason)
    probing = setInterval(() => void rejoin(), deps.probeEveryMs).unref()
  }

  async function rejoin(): Promise<void> {
    try {
      await tryShared(probe)
    } catch {
      return
    }
    if (isShared) return
    clearInterval(probing)
    isShared = true
    onChange(null)
  }

  return {
    get isShared() {
      return isShared
    },
    async run(shared, local) {
      if (!isShared) return local()
      try {
        return await tryShared(shared)
      } catch (error) {
        leave(error)
        return local()
      }
    },
    lost: () => leave(new AppError('provider_unavailable', 'The connection was lost.')),
    stop: () => clearInterval(probing),
  }
}
