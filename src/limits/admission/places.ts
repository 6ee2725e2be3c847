/** The places at which answers are worked on. */
export interface Places {
  readonly taken: number
  isFreeFor(tenantId: string): boolean
  /** Gives the way out; leaving twice is leaving once. */
  occupy(tenantId: string): () => void
  noteAsked(tenantId: string): void
  /** Until so many more have had their turn, in milliseconds, as far as answers have taken lately. */
  expectedMs(turns: number): number
}

/** While others have asked lately, a tenant leaves this share of the places to them. */
const LEFT_TO_OTHERS = 0.5
const LATELY_MS = 10_000
/** Weight of the newest answer in the moving average of how long one takes. */
const SMOOTHING = 0.1
const SHORTEST_MS = 1_000
const LONGEST_MS = 60_000

export function createPlaces(count: number, now: () => number): Places {
  const running = new Map<string, number>()
  /** In the order of the last question. */
  const lastAsked = new Map<string, number>()
  let taken = 0
  let usualMs = 1_000

  const isAlone = (tenantId: string): boolean => {
    for (const [id, at] of lastAsked) {
      if (now() - at > LATELY_MS) lastAsked.delete(id)
      else if (id !== tenantId) return false
    }
    return true
  }

  return {
    get taken() {
      return taken
    },
    isFreeFor(tenantId) {
      if (taken >= count) return false
      const most = isAlone(tenantId) ? count : Math.ceil(count * (1 - LEFT_TO_OTHERS))
      return (running.get(tenantId) ?? 0) < most
    },
    occupy(tenantId) {
      const since = now()
      let left = false
      taken += 1
      running.set(tenantId, (running.get(tenantId) ?? 0) + 1)
      return () => {
        if (left) return
        left = true
        taken -= 1
        const rest = (running.get(tenantId) ?? 1) - 1
        if (rest === 0) running.delete(tenantId)
        else running.set(tenantId, rest)
        usualMs += SMOOTHING * (now() - since - usualMs)
      }
    },
    noteAsked(tenantId) {
      lastAsked.delete(tenantId)
      lastAsked.set(tenantId, now())
    },
    expectedMs(turns) {
      const expected = Math.ceil((usualMs * turns) / count)
      return Math.min(Math.max(expected, SHORTEST_MS), LONGEST_MS)
    },
  }
}
