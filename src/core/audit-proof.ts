import { CHAIN_START, chainHash } from './audit-chain.ts'
import type { AuditRecord } from './ports/audit.ts'

/** One place of a chain as it is kept; the entry is null when it is gone. */
export interface ChainLink {
  readonly position: number
  readonly hash: string
  readonly id: string
  readonly entry: Omit<AuditRecord, 'seal'> | null
}

export interface AuditProblem {
  readonly kind: 'altered' | 'cut' | 'inserted' | 'removed' | 'unexpected'
  readonly position: number | null
  readonly id: string | null
  readonly message: string
}

export interface ChainEnd {
  readonly position: number
  readonly hash: string
}

/** A part of a tenant's chain, in its order. */
export interface ChainPage {
  /** The hash that the first link follows; null where it is gone. */
  readonly before: string | null
  readonly links: readonly ChainLink[]
  /** Where the whole chain ends. */
  readonly head: ChainEnd
}

export interface Walked {
  readonly problems: readonly AuditProblem[]
  readonly links: number
  readonly head: ChainEnd
  /** Whether one of the hashes is the one that was to be there. */
  readonly expectedSeen: boolean
}

export interface ChainWalk {
  /** In the order of the chain. */
  take(link: ChainLink): void
  /** What was noticed elsewhere. */
  note(problem: AuditProblem): void
  end(): Walked
}

export interface WalkOptions {
  /** A hash that must be in the chain. */
  readonly expect?: string | null
  /** What the first link follows: a null hash is not known, so that the first link proves only those after it. */
  readonly from?: { readonly position: number; readonly hash: string | null }
}

/** More than anybody reads. */
const MOST_PROBLEMS = 100
const FROM_THE_START = { position: 0, hash: CHAIN_START }

/** Walks along one chain and notes everything that is not as it was sealed. */
export function walkChain({ expect = null, from = FROM_THE_START }: WalkOptions = {}): ChainWalk {
  const problems: AuditProblem[] = []
  let { position } = from
  let links = 0
  let last = from.hash ?? CHAIN_START
  let expectedSeen = false
  /** What may stand before the next link: as it is kept, and as it should be. Empty where nobody knows. */
  let before: readonly string[] = from.hash === null ? [] : [from.hash]

  const note = (problem: AuditProblem): void => {
    if (problems.length < MOST_PROBLEMS) problems.push(problem)
  }
  return {
    note,
    take(link) {
      if (link.position <= position) return note(outOfPlace(link))
      if (link.position > position + 1) {
        note(gapBefore(link, position))
        before = []
      }
      before = follow(link, before, note)
      last = link.hash
      position = link.position
      links += 1
      expectedSeen ||= expect === link.hash
    },
    end: () => ({ problems, links, head: { position, hash: last }, expectedSeen }),
  }
}

/** Gives what may stand before the link after this one, so that each place is blamed for itself alone. */
function follow(
  { position, id, entry, hash }: ChainLink,
  before: readonly string[],
  note: (problem: AuditProblem) => void,
): readonly string[] {
  if (entry === null) {
    note({ kind: 'removed', position, id, message: `The entry at ${position} is gone.` })
    return [hash]
  }
  const right = before.map((each) => chainHash(each, entry, position))
  if (before.length === 0 || right.includes(hash)) return [hash]
  const message = `The entry at ${position} is not as it was sealed, or the one before it was written anew.`
  note({ kind: 'altered', position, id, message })
  return [hash, ...right]
}

function outOfPlace({ position, id }: ChainLink): AuditProblem {
  const message = `Position ${position} is there once more, with something else.`
  return { kind: 'inserted', position, id, message }
}

function gapBefore({ position }: ChainLink, before: number): AuditProblem {
  const [first, last] = [before + 1, position - 1]
  const message =
    first === last
      ? `The entry at ${first} is gone; without it the one at ${position} cannot be checked.`
      : `The entries from ${first} to ${last} are gone; without them the one at ${position} cannot be checked.`
  return { kind: 'removed', position: first, id: null, message }
}
