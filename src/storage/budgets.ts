import type { Budget, BudgetHolder, BudgetState } from '../core/budget.ts'
import type { Budgets } from '../core/ports/budgets.ts'
import type { Database } from '../core/ports/database.ts'

export function createBudgets({ database }: { readonly database: Database }): Budgets {
  return {
    async reserve(tenantId, { id, budgets, alternatives, leaseSeconds }) {
      const request = {
        id,
        budgets: budgets.map(toStored),
        alternatives: alternatives.map(({ tokens, cost, below }) => ({
          tokens: Math.ceil(tokens),
          cost: String(cost),
          below: String(below),
        })),
        lease_seconds: leaseSeconds,
      }
      const [row] = await database.transact(
        tenantId,
        (transaction) =>
          transaction.query<{ outcome: StoredReservation }>(RESERVE, [JSON.stringify(request)]),
        { oneStatement: true },
      )
      if (row === undefined) throw new Error('The reservation gave no answer')
      const { granted, states } = row.outcome
      return { granted, states: toStates(budgets, states) }
    },

    async extend(tenantId, { id, leaseSeconds }) {
      await database.transact(
        tenantId,
        (transaction) =>
          transaction.query(
            `update budget_reservations set expires_at = now() + make_interval(secs => $3)
             where tenant_id = $1 and id = $2`,
            [tenantId, id, leaseSeconds],
          ),
        { oneStatement: true },
      )
    },

    async states(transaction, budgets) {
      const rows = await transaction.query<StoredState>(
        `select place, used::text, reserved::text, resets_at from budget_states($1::jsonb)`,
        [JSON.stringify(budgets.map(toStored))],
      )
      return toStates(budgets, rows)
    },
  }
}

// Nobody waits for the disk: what is held back concerns calls under way alone, and what they use is written for good.
const RESERVE = `select set_config('synchronous_commit', 'off', true), reserve_budget($1::jsonb) as outcome`

interface StoredReservation {
  readonly granted: number | null
  readonly states: readonly StoredState[]
}

interface StoredState {
  readonly place: number
  /** A JSON number where the whole state came as JSON. */
  readonly used: number | string
  readonly reserved: number | string
  readonly resets_at: Date | string
}

export function holderKey({ kind, id }: BudgetHolder): string {
  return `${kind}:${id}`
}

function toStored({ holder, window, unit, limit }: Budget) {
  return { holder: holderKey(holder), window, unit, limit: String(limit) }
}

function toStates(
  budgets: readonly Budget[],
  rows: readonly StoredState[],
): readonly BudgetState[] {
  return rows.flatMap(({ place, used, reserved, resets_at }) => {
    const budget = budgets[place]
    if (budget === undefined) return []
    return [
      { budget, used: String(used), reserved: String(reserved), resetsAt: new Date(resets_at) },
    ]
  })
}
