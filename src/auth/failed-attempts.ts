import { AppError } from '../core/errors.ts'
import { addressGroup } from './address-group.ts'

/** A try to sign in. */
export interface Attempt {
  /** Null on the local socket, which is never held up. */
  readonly address: string | null
  /** The key's id or the account's name that was tried; null where none can be told. */
  readonly account: string | null
}

/**
 * How often signing in has failed, and how long whoever failed has to wait. Only failures of the same address count
 * against it: nobody can make an account wait for its owner, who sits elsewhere. An account that was signed in to from
 * an address stays reachable from there while others fail beside it. Counted by this process alone, and forgotten.
 */
export interface FailedAttempts {
  /** Throws `rate_limited` while it has to wait. */
  readonly admit: (attempt: Attempt) => void
  /** How often this address has now failed at this account, as far as it is remembered. */
  readonly fail: (attempt: Attempt) => number
  readonly succeed: (attempt: Attempt) => void
}

interface FailedAttemptsOptions {
  readonly now?: () => number
  /** Addresses, and pairs of address and account, that are remembered. */
  readonly capacity?: number
}

interface Count {
  failures: number
  /** When one of them was last forgotten. */
  since: number
  waitUntil: number
}

/** Tries that cost nothing: everybody mistypes. More for an address, which may be a whole office's. */
const FREE_AT_ACCOUNT = 3
const FREE_AT_ADDRESS = 20
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 15 * 60_000
/** One failure is forgotten. */
const FORGET_EVERY_MS = 60_000
const CAPACITY = 10_000

export function createFailedAttempts({
  now = Date.now,
  capacity = CAPACITY,
}: FailedAttemptsOptions = {}): FailedAttempts {
  const addresses = new Map<string, Count>()
  const pairs = new Map<string, Count>()
  const proven = new Map<string, true>()

  const countOf = (counts: Map<string, Count>, name: string): Count => {
    const count = counts.get(name) ?? { failures: 0, since: now(), waitUntil: 0 }
    const forgotten = Math.floor((now() - count.since) / FORGET_EVERY_MS)
    count.failures = Math.max(0, count.failures - forgotten)
    count.since += forgotten * FORGET_EVERY_MS
    return count
  }

  const raise = (counts: Map<string, Count>, name: string, free: number): number => {
    const count = countOf(counts, name)
    count.failures += 1
    const beyond = count.failures - free
    if (beyond > 0) {
      count.waitUntil = now() + Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (beyond - 1))
    }
    keep(counts, [name, count], capacity)
    return count.failures
  }

  return {
    admit({ address, account }) {
      if (address === null) return
      const names = namesOf(address, account)
      const waits = [pairs.get(names.pair)?.waitUntil ?? 0]
      if (!proven.has(names.pair)) waits.push(addresses.get(names.address)?.waitUntil ?? 0)
      const wait = Math.max(...waits) - now()
      if (wait > 0) throw mustWait(wait)
    },
    fail({ address, account }) {
      if (address === null) return 1
      const names = namesOf(address, account)
      raise(addresses, names.address, FREE_AT_ADDRESS)
      return raise(pairs, names.pair, FREE_AT_ACCOUNT)
    },
    succeed({ address, account }) {
      if (address === null) return
      const { pair } = namesOf(address, account)
      pairs.delete(pair)
      keep(proven, [pair, true], capacity)
    },
  }
}

function namesOf(address: string, account: string | null) {
  const group = addressGroup(address)
  return { address: group, pair: `${group} ${account ?? ''}` }
}

/** The one that was not touched for longest makes room. */
function keep<Value>(
  map: Map<string, Value>,
  [name, value]: readonly [string, Value],
  capacity: number,
): void {
  map.delete(name)
  map.set(name, value)
  const oldest = map.size > capacity ? map.keys().next().value : undefined
  if (oldest !== undefined) map.delete(oldest)
}

function mustWait(milliseconds: number): AppError {
  const seconds = Math.ceil(milliseconds / 1_000)
  return new AppError(
    'rate_limited',
    `Signing in failed too often from this address: wait ${seconds} s before the next try.`,
    { retryAfterMs: milliseconds },
  )
}
