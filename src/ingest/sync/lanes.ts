/** So many pieces of work at once; whoever brings another waits for a free lane. */
export interface Lanes {
  /** Resolves when the work has begun. Throws what earlier work failed with. */
  run(work: () => Promise<void>): Promise<void>
  /** Nothing is under way any longer. Never rejects. */
  settled(): Promise<void>
  throwFirst(): void
}

export function createLanes(count: number): Lanes {
  const running = new Set<Promise<void>>()
  const failures: unknown[] = []
  const throwFirst = (): void => {
    if (failures.length > 0) throw failures[0]
  }
  return {
    async run(work) {
      while (running.size >= count) await Promise.race(running)
      throwFirst()
      const lane: Promise<void> = work()
        .catch((error: unknown) => void failures.push(error))
        .finally(() => void running.delete(lane))
      running.add(lane)
    },
    async settled() {
      await Promise.all(running)
    },
    throwFirst,
  }
}
