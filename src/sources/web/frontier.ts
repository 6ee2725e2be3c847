/** An address that is to be asked for. */
export interface Waiting {
  readonly url: URL
  /** Links away from where it began. */
  readonly depth: number
  /** Redirects that led to it. */
  readonly hops: number
  readonly isStart: boolean
  readonly lastmod: string | null
}

export interface Frontier {
  /** Each address once, and no more than so many. */
  add(entry: Waiting): void
  /** Goes before what waits: it is the same page. */
  addNext(entry: Waiting): void
  next(): Waiting | undefined
}

/** First come, first served, so that the same site is walked in the same order. */
export function createFrontier(most: number): Frontier {
  const seen = new Set<string>()
  let waiting: Waiting[] = []
  let at = 0
  const before: Waiting[] = []
  const addTo = (list: Waiting[], entry: Waiting) => {
    if (seen.has(entry.url.href) || waiting.length - at >= most) return
    seen.add(entry.url.href)
    list.push(entry)
  }
  return {
    add: (entry) => addTo(waiting, entry),
    addNext: (entry) => addTo(before, entry),
    next() {
      const first = before.pop() ?? waiting[at++]
      if (at > 1_000) [waiting, at] = [waiting.slice(at), 0]
      return first
    },
  }
}
