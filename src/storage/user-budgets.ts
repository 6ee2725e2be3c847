import type { BudgetLimits } from '../core/budget.ts'
import type { UserBudgets } from '../core/ports/budgets.ts'

export function createUserBudgets(): UserBudgets {
  return {
    async list(transaction) {
      const rows = await transaction.query<{ user_id: string; limits: BudgetLimits }>(
        'select user_id, limits from user_budgets where tenant_id = $1 order by user_id',
        [transaction.tenantId],
      )
      return new Map(rows.map(({ user_id, limits }) => [user_id, limits]))
    },

    async set(transaction, userId, limits) {
      await transaction.query(
        `insert into user_budgets (tenant_id, user_id, limits) values ($1, $2, $3::jsonb)
         on conflict (tenant_id, user_id) do update set limits = excluded.limits`,
        [transaction.tenantId, userId, JSON.stringify(limits)],
      )
    },

    async remove(transaction, userId) {
      const rows = await transaction.query(
        'delete from user_budgets where tenant_id = $1 and user_id = $2 returning user_id',
        [transaction.tenantId, userId],
      )
      return rows.length > 0
    },
  }
}
