/** Of one kind of call; milliseconds. */
export interface Timing {
  readonly samples: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  /** Calls finished in a second, by all that asked at once. */
  readonly perSecond: number
}

/** Nearest-rank percentile of values in any order. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

export interface Load {
  readonly concurrency: number
  readonly seconds: number
  /** Ends earlier than `seconds` after so many calls. */
  readonly maxCalls?: number
}

/** Calls `call(0)`, `call(1)`…, so many at a time, each caller as soon as it has its answer. */
export async function timeCalls(
  load: Load,
  call: (index: number) => Promise<unknown>,
): Promise<Timing> {
  const taken: number[] = []
  const began = performance.now()
  const until = began + load.seconds * 1_000
  let next = 0
  const caller = async (): Promise<void> => {
    while (performance.now() < until && next < (load.maxCalls ?? Infinity)) {
      const index = next++
      const started = performance.now()
      await call(index)
      taken.push(performance.now() - started)
    }
  }
  await Promise.all(Array.from({ length: load.concurrency }, caller))
  const seconds = (performance.now() - began) / 1_000
  return { ...summarise(taken), perSecond: round(taken.length / seconds) }
}

export function summarise(taken: readonly number[]): Omit<Timing, 'perSecond'> {
  return {
    samples: taken.length,
    p50: round(percentile(taken, 0.5)),
    p95: round(percentile(taken, 0.95)),
    p99: round(percentile(taken, 0.99)),
  }
}

/** Three significant digits: more would pretend. */
export function round(value: number): number {
  return Number(value.toPrecision(3))
}
