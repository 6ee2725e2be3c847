import { SLOTS_IN_A_WINDOW } from '../core/ports/rate-counters.ts'

/** How much was taken, and when it is free again. All times are milliseconds of one clock that never goes back. */
export interface SlidingWindow {
  used(now: number): number
  add(now: number, cost: number): void
  /** Until `units` of what is used have left; null where less is used. */
  untilFreed(now: number, units: number): number | null
}

/**
 * A log of what was taken, by slots of a thousandth of the window. A slot leaves when all of it is older than the window:
 * in no window was ever more taken than its limit, and nothing waits longer than one slot too long.
 */
export function createSlidingWindow(windowMs: number): SlidingWindow {
  const step = Math.max(1, Math.floor(windowMs / SLOTS_IN_A_WINDOW))
  /** Oldest first. */
  let slots: { readonly slot: number; count: number }[] = []
  let total = 0

  function forget(now: number): void {
    const oldest = Math.floor((now - windowMs) / step)
    const kept = slots.findIndex(({ slot }) => slot >= oldest)
    const gone = slots.slice(0, kept === -1 ? slots.length : kept)
    if (gone.length === 0) return
    slots = slots.slice(gone.length)
    for (const { count } of gone) total -= count
  }

  return {
    used(now) {
      forget(now)
      return total
    },
    add(now, cost) {
      const slot = Math.floor(now / step)
      const last = slots.at(-1)
      if (last?.slot === slot) last.count += cost
      else slots.push({ slot, count: cost })
      total += cost
    },
    untilFreed(now, units) {
      let freed = 0
      for (const { slot, count } of slots) {
        freed += count
        if (freed >= units) return (slot + 1) * step + windowMs - now
      }
      return null
    },
  }
}
