export interface FairQueue<Item> {
  readonly size: number
  /** Ten more of priority double the tenant's share. */
  add(of: { readonly tenantId: string; readonly priority: number }, item: Item): void
  /** The next of a tenant that `may` have a turn, out of the queue; undefined when there is none. */
  take(may: (tenantId: string) => boolean): Item | undefined
  /** False when it is not in the queue. */
  remove(item: Item): boolean
  /** The newest of whoever waits with the most, out of the queue; undefined when nobody waits with more than this tenant. */
  displace(tenantId: string): Item | undefined
}

interface Line<Item> {
  readonly items: Item[]
  weight: number
  /** Virtual time of its next turn. */
  turn: number
}

/**
 * Weighted fair queueing, clocked by the turns themselves: a tenant's turns lie 1/weight apart in virtual time, and the
 * earliest turn is next. Whoever asks for more than his share waits behind his own questions, not before those of others,
 * and pays for nothing that was refused. After S. J. Golestani: A self-clocked fair queueing scheme, INFOCOM 1994.
 */
export function createFairQueue<Item>(): FairQueue<Item> {
  /** Only those of tenants who wait: after its last turn a tenant begins anew, with no debt and no credit. */
  const lines = new Map<string, Line<Item>>()
  let size = 0
  let virtualTime = 0

  const dropped = (tenantId: string, line: Line<Item>, item: Item | undefined) => {
    if (line.items.length === 0) lines.delete(tenantId)
    if (item !== undefined) size -= 1
    return item
  }

  return {
    get size() {
      return size
    },
    add({ tenantId, priority }, item) {
      const weight = 2 ** (priority / 10)
      const line = lines.get(tenantId) ?? { items: [], weight, turn: virtualTime + 1 / weight }
      line.items.push(item)
      line.weight = weight
      lines.set(tenantId, line)
      size += 1
    },
    take(may) {
      let next: [string, Line<Item>] | undefined
      for (const entry of lines) {
        const isEarlier = next === undefined || entry[1].turn < next[1].turn
        if (isEarlier && may(entry[0])) next = entry
      }
      if (next === undefined) return undefined
      const [tenantId, line] = next
      virtualTime = Math.max(virtualTime, line.turn)
      line.turn += 1 / line.weight
      return dropped(tenantId, line, line.items.shift())
    },
    remove(item) {
      for (const [tenantId, line] of lines) {
        const place = line.items.indexOf(item)
        if (place === -1) continue
        line.items.splice(place, 1)
        dropped(tenantId, line, item)
        return true
      }
      return false
    },
    displace(tenantId) {
      const own = lines.get(tenantId)?.items.length ?? 0
      const [longest] = [...lines].toSorted(([, a], [, b]) => b.items.length - a.items.length)
      if (longest === undefined || longest[1].items.length <= own) return undefined
      return dropped(longest[0], longest[1], longest[1].items.pop())
    },
  }
}
