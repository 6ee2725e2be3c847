/** Text that ends before the first of some sequences to be complete, however the pieces are cut. */
export interface StopFilter {
  readonly stopped: boolean
  /** UTF-16 units given out so far. */
  readonly length: number
  /** What may be given out now: an end that could become a sequence is held back. */
  push(delta: string): string
  /** What was held back, once no more comes. */
  flush(): string
}

export function createStopFilter(sequences: readonly string[]): StopFilter {
  let held = ''
  let stopped = false
  let length = 0
  const give = (text: string): string => {
    length += text.length
    return text
  }
  return {
    get stopped() {
      return stopped
    },
    get length() {
      return length
    },
    push(delta) {
      if (stopped) return ''
      held += delta
      const cut = firstOf(held, sequences)
      if (cut !== null) {
        stopped = true
        return give(held.slice(0, cut))
      }
      const safe = held.length - unfinished(held, sequences)
      const text = held.slice(0, safe)
      held = held.slice(safe)
      return give(text)
    },
    flush() {
      const text = stopped ? '' : held
      held = ''
      return give(text)
    },
  }
}

/** Where the sequence begins that is complete first; of several that end together, the longest. */
function firstOf(text: string, sequences: readonly string[]): number | null {
  const found = sequences
    .map((sequence) => ({ start: text.indexOf(sequence), length: sequence.length }))
    .filter(({ start }) => start >= 0)
    .toSorted(
      (left, right) =>
        left.start + left.length - right.start - right.length || left.start - right.start,
    )
  return found[0]?.start ?? null
}

/** How many units at the end of the text are the beginning of a sequence. */
function unfinished(text: string, sequences: readonly string[]): number {
  const lengths = sequences.map((sequence) => {
    for (let length = Math.min(sequence.length - 1, text.length); length > 0; length -= 1) {
      if (text.endsWith(sequence.slice(0, length))) return length
    }
    return 0
  })
  return Math.max(0, ...lengths)
}
