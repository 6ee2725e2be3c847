import type { Lease, Leases } from '../core/ports/leases.ts'

export interface LocalLeasesDeps {
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number
}

/** Of this process alone. */
export function createLocalLeases({ now = () => performance.now() }: LocalLeasesDeps = {}): Leases {
  /** By key and holder: when it ends. */
  const held = new Map<string, Map<string, number>>()

  function heldOf(key: string): Map<string, number> {
    const holders = held.get(key) ?? new Map<string, number>()
    for (const [holder, until] of holders) if (until <= now()) holders.delete(holder)
    held.set(key, holders)
    return holders
  }
  const hold = ({ key, holder, ttlMs }: Lease) => void heldOf(key).set(holder, now() + ttlMs)

  return {
    async take(lease, limit) {
      const holders = heldOf(lease.key)
      const allowed = holders.has(lease.holder) || holders.size < limit
      if (allowed) hold(lease)
      else if (holders.size === 0) held.delete(lease.key)
      return allowed
    },
    async renew(lease) {
      hold(lease)
    },
    async release({ key, holder }) {
      const holders = held.get(key)
      holders?.delete(holder)
      if (holders?.size === 0) held.delete(key)
    },
  }
}
