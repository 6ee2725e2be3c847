import { createServedLately } from '../../core/served-lately.ts'

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
/** One that had more than this times the average of them enters only where this share of all places is free. */
const MUCH = 1.5
const KEPT_FREE = 0.75
const LATELY_MS = 10_000
/** Weight of the newest answer in the moving average of how long one takes. */
const SMOOTHING = 0.1
const SHORTEST_MS = 1_000
const LONGEST_MS = 60_000

export function createPlaces(count: number, now: () => number): Places {
  const running = new Map<string, number>()
  /** In the order of the last question. */
  const lastAsked = new Map<string, number>()
  /** Milliseconds at a place. */
  const served = createServedLately(now)
  let taken = 0
  let usualMs = 1_000

  const isAlone = (tenantId: string): boolean => {
    for (const [id, at] of lastAsked) {
      if (now() - at > LATELY_MS) lastAsked.delete(id)
      else if (id !== tenantId) return false
    }
    return true
  }

  const hadMuch = (tenantId: string): boolean => {
    const lately = served.amounts()
    const sum = lastAsked.keys().reduce((before, id) => before + lately(id), 0)
    return lately(tenantId) * lastAsked.size > MUCH * sum
  }

  return {
    get taken() {
      return taken
    },
    isFreeFor(tenantId) {
      if (taken >= count) return false
      if (isAlone(tenantId)) return true
      if (hadMuch(tenantId)) return taken < Math.ceil(count * (1 - KEPT_FREE))
      return (running.get(tenantId) ?? 0) < Math.ceil(count * (1 - LEFT_TO_OTHERS))
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
        served.note(tenantId, now() - since)
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
