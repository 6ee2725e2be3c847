import type { BudgetLimits } from '../core/budget.ts'
import type { UserBudgets } from '../core/ports/budgets.ts'
import type { Database } from '../core/ports/database.ts'

/** What people may use, known without a round trip while warm. */
export interface UserBudgetDirectory {
  find(tenantId: string, userId: string): Promise<BudgetLimits>
  /** At once on this process; within `WARM_MILLISECONDS` on the others. */
  forget(tenantId: string): void
}

/** How long another process may still go by an old budget. */
const WARM_MILLISECONDS = 5_000
const WARM_TENANTS = 1_000
/** Stands for everybody who is not named. */
export const EVERYBODY = '*'

export function createUserBudgetDirectory({
  database,
  userBudgets,
  now = Date.now,
}: {
  readonly database: Database
  readonly userBudgets: Pick<UserBudgets, 'list'>
  readonly now?: () => number
}): UserBudgetDirectory {
  const warm = new Map<
    string,
    { readonly limits: Promise<ReadonlyMap<string, BudgetLimits>>; readonly until: number }
  >()

  const listOf = (tenantId: string) => {
    const known = warm.get(tenantId)
    if (known !== undefined && known.until > now()) return known.limits
    warm.delete(tenantId)
    const limits = database.transact(tenantId, (transaction) => userBudgets.list(transaction))
    warm.set(tenantId, { limits, until: now() + WARM_MILLISECONDS })
    // A failure is not worth remembering.
    limits.catch(() => warm.delete(tenantId))
    const oldest = warm.size > WARM_TENANTS ? warm.keys().next().value : undefined
    if (oldest !== undefined) warm.delete(oldest)
    return limits
  }

  return {
    async find(tenantId, userId) {
      const limits = await listOf(tenantId)
      return limits.get(userId) ?? limits.get(EVERYBODY) ?? {}
    },
    forget: (tenantId) => void warm.delete(tenantId),
  }
}
