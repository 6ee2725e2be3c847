export interface Turns {
  /** There is something to do: soon, unless the last turns failed, which are waited for as long as it takes. */
  wake(): void
  /** How many turns in a row have failed. */
  readonly failures: number
  /** No turn begins any longer; resolves when the one under way is over. */
  stop(): Promise<void>
}

export interface TurnTiming {
  readonly soonMs: number
  /** Without being woken. */
  readonly everyMs: number
  /** The longest wait after failures. */
  readonly mostMs: number
}

/** Does the work at once, whenever it is woken and every so often: one turn at a time, further apart while they fail. */
export function takeTurns(
  work: () => Promise<void>,
  {
    timing,
    onError,
  }: {
    readonly timing: TurnTiming
    readonly onError: (error: unknown, failures: number) => void
  },
): Turns {
  let failures = 0
  let stopped = false
  let due = Infinity
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()

  const turn = async (): Promise<void> => {
    try {
      await work()
      failures = 0
      plan(timing.everyMs)
    } catch (error) {
      failures += 1
      onError(error, failures)
      const wait = Math.min(timing.mostMs, timing.soonMs * 2 ** failures)
      plan(wait * (0.5 + Math.random() / 2))
    }
  }
  function plan(afterMs: number): void {
    const at = Date.now() + afterMs
    if (stopped || at >= due) return
    clearTimeout(timer)
    due = at
    timer = setTimeout(() => {
      due = Infinity
      running = running.then(turn)
    }, afterMs).unref()
  }

  plan(0)
  return {
    get failures() {
      return failures
    },
    wake() {
      // What is away is not asked more often because there is more for it.
      if (failures === 0) plan(timing.soonMs)
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
