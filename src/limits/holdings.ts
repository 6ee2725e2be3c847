import type { Estimate } from '../core/ports/budgets.ts'
import type { Work } from './work.ts'

type Whose = Pick<Work, 'budgets' | 'tenantId'>
type Amount = Pick<Estimate, 'cost' | 'tokens'>

/** What this process has held back for work to come. */
export interface Holdings {
  /** Id of the reservation that the work is part of; null where none has room for it. */
  draw(whose: Whose, amount: Amount): string | null
  open(
    whose: Whose,
    of: { readonly id: string; readonly whole: Amount; readonly first: Amount },
  ): void
}

interface Holding {
  readonly id: string
  readonly endsAt: number
  tokens: number
  cost: number
}

/** Nothing is drawn from a reservation after half its lease: work under way renews it before the other half is over. */
export function createHoldings({
  leaseSeconds,
  now,
}: {
  readonly leaseSeconds: number
  readonly now: () => number
}): Holdings {
  /** By holders and limits: who is given another limit begins anew. In the order of their ends. */
  const holdings = new Map<string, Holding>()
  const keyOf = ({ tenantId, budgets }: Whose) => JSON.stringify([tenantId, budgets])

  return {
    draw(whose, { tokens, cost }) {
      const holding = holdings.get(keyOf(whose))
      if (holding === undefined || holding.endsAt <= now()) return null
      if (holding.tokens < tokens || holding.cost < cost) return null
      holding.tokens -= tokens
      holding.cost -= cost
      return holding.id
    },
    open(whose, { id, whole, first }) {
      for (const [key, { endsAt }] of holdings) {
        if (endsAt > now()) break
        holdings.delete(key)
      }
      const key = keyOf(whose)
      holdings.delete(key)
      holdings.set(key, {
        id,
        endsAt: now() + leaseSeconds * 500,
        tokens: whole.tokens - first.tokens,
        cost: whole.cost - first.cost,
      })
    },
  }
}
