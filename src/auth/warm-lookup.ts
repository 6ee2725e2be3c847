export interface WarmLookup<Value> {
  /** From memory while warm; null is never remembered. */
  find(key: string): Promise<Value | null>
  /** At once on this process. */
  forgetWhere(matches: (value: Value) => boolean): void
}

interface Warm<Value> {
  readonly value: Value
  readonly until: number
}

/** Remembers what was found for a while, and no more than `most` of it: what was not used longest goes first. */
export function createWarmLookup<Value>({
  find,
  warmMs,
  most,
  now = Date.now,
}: {
  readonly find: (key: string) => Promise<Value | null>
  readonly warmMs: number
  readonly most: number
  readonly now?: () => number
}): WarmLookup<Value> {
  const warm = new Map<string, Warm<Value>>()
  const pending = new Map<string, Promise<Value | null>>()
  let generation = 0

  const load = async (key: string): Promise<Value | null> => {
    const before = generation
    const value = await find(key)
    // What was looked up before something was forgotten may be what was to be forgotten.
    if (value === null || generation !== before) return value
    warm.set(key, { value, until: now() + warmMs })
    const oldest = warm.size > most ? warm.keys().next().value : undefined
    if (oldest !== undefined) warm.delete(oldest)
    return value
  }

  return {
    async find(key) {
      const known = warm.get(key)
      warm.delete(key)
      if (known !== undefined && known.until > now()) {
        warm.set(key, known)
        return known.value
      }
      const loading = pending.get(key) ?? load(key).finally(() => pending.delete(key))
      pending.set(key, loading)
      return loading
    },
    forgetWhere(matches) {
      generation += 1
      pending.clear()
      for (const [key, { value }] of warm) if (matches(value)) warm.delete(key)
    },
  }
}
