/** Choices that follow from a seed and a number alone, so that any one request can be made again without those before it. */
export interface Draw {
  /** At least 0, less than `below`. */
  int(below: number): number
  chance(share: number): boolean
  pick<Item>(items: readonly Item[]): Item
}

export function createDraw(seed: number, at: number): Draw {
  // Mulberry32; the number is spread over all bits first, or neighbours would look alike.
  let state = Math.imul(seed ^ Math.imul(at + 1, 0x9e37_79b1), 0x85eb_ca6b)
  const next = (): number => {
    state = (state + 0x6d2b_79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
  const int = (below: number) => Math.floor(next() * below)
  return {
    int,
    chance: (share) => next() < share,
    pick<Item>(items: readonly Item[]): Item {
      if (items.length === 0) throw new Error('There is nothing to pick from.')
      return items[int(items.length)] as Item
    },
  }
}
