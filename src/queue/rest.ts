/** Where those wait who have nothing to do. */
export interface Rest {
  /** Resolves when it is woken, at once when it was woken since the last time. */
  untilWoken(): Promise<void>
  /** Wakes one: who finds something to do wakes the next. */
  wake(): void
  /** Nobody rests any longer. */
  end(): void
}

export function createRest(): Rest {
  const waiting: (() => void)[] = []
  let wasWoken = false
  let isOver = false
  return {
    async untilWoken() {
      if (isOver) return
      if (wasWoken) {
        wasWoken = false
        return
      }
      await new Promise<void>((resolve) => waiting.push(resolve))
    },
    wake() {
      const next = waiting.shift()
      if (next === undefined) wasWoken = true
      else next()
    },
    end() {
      isOver = true
      for (const resolve of waiting.splice(0)) resolve()
    },
  }
}
