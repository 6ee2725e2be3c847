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

export interface Walked {
  readonly problems: readonly AuditProblem[]
  readonly links: number
  readonly head: { readonly position: number; readonly hash: string }
  /** Whether one of the hashes is the one that was to be there. */
  readonly expectedSeen: boolean
}

export interface ChainWalk {
  /** In the order of the chain. */
  take(link: ChainLink): void
  end(): Walked
}

/** More than anybody reads; the count says how many there are. */
const MOST_PROBLEMS = 100

/** Walks along one chain and notes everything that is not as it was sealed. */
export function walkChain({ expect = null }: { readonly expect?: string | null } = {}): ChainWalk {
  const problems: AuditProblem[] = []
  let position = 0
  let hash = CHAIN_START
  let links = 0
  let expectedSeen = false

  const note = (problem: AuditProblem): void => {
    if (problems.length < MOST_PROBLEMS) problems.push(problem)
  }
  return {
    take(link) {
      if (link.position !== position + 1) note(gapBefore(link, position))
      const at = { position: link.position, id: link.id }
      if (link.entry === null) {
        note({ kind: 'removed', ...at, message: `The entry at ${link.position} is gone.` })
      } else if (chainHash(hash, link.entry, link.position) !== link.hash) {
        const message = `The entry at ${link.position}, or one before it, is not as it was sealed.`
        note({ kind: 'altered', ...at, message })
      }
      // From what is kept on: so each place is blamed for itself alone.
      hash = link.hash
      position = link.position
      links += 1
      expectedSeen ||= expect === link.hash
    },
    end: () => ({ problems, links, head: { position, hash }, expectedSeen }),
  }
}

function gapBefore({ position, id }: ChainLink, before: number): AuditProblem {
  const message =
    position <= before
      ? `Position ${position} stands behind ${before}.`
      : `Between ${before} and ${position} something is gone.`
  return { kind: 'removed', position, id, message }
}
