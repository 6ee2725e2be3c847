/** Lets `width` through at a time, the others in order of arrival. */
export interface Turnstile {
  /** Resolves when it is the caller's turn, with what gives the turn on. Rejects with the signal's reason. */
  enter(signal: AbortSignal): Promise<() => void>
}

export function createTurnstile(width: number): Turnstile {
  const waiting = new Set<() => void>()
  let inside = 0
  const leave = (): void => {
    inside--
    const [next] = waiting
    next?.()
  }
  const take = (): (() => void) => {
    inside++
    let left = false
    return () => {
      if (!left) leave()
      left = true
    }
  }

  return {
    async enter(signal) {
      signal.throwIfAborted()
      if (inside < width) return take()
      return new Promise((resolve, reject) => {
        const onAbort = (): void => {
          waiting.delete(onTurn)
          reject(signal.reason as Error)
        }
        const onTurn = (): void => {
          waiting.delete(onTurn)
          signal.removeEventListener('abort', onAbort)
          resolve(take())
        }
        waiting.add(onTurn)
        signal.addEventListener('abort', onAbort, { once: true })
      })
    },
  }
}
