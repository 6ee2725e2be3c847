/** How much was done for whom in the last moments. */
export interface ServedLately {
  note(who: string, amount: number): void
  /** As of this moment, in the unit of what was noted; half of it is forgotten every three seconds. */
  amounts(): (who: string) => number
}

const HALF_LIFE_MS = 3_000
/** Older than this, next to nothing is left of it. */
const FORGOTTEN_MS = 20 * HALF_LIFE_MS

export function createServedLately(now: () => number = () => performance.now()): ServedLately {
  /** In the order of the last note. */
  const served = new Map<string, { readonly amount: number; readonly at: number }>()

  const amounts = () => {
    const moment = now()
    return (who: string): number => {
      const last = served.get(who)
      return last === undefined ? 0 : last.amount * 0.5 ** ((moment - last.at) / HALF_LIFE_MS)
    }
  }

  return {
    amounts,
    note(who, amount) {
      const sum = amounts()(who) + amount
      served.delete(who)
      served.set(who, { amount: sum, at: now() })
      for (const [other, { at }] of served) {
        if (now() - at < FORGOTTEN_MS) break
        served.delete(other)
      }
    },
  }
}
