import { budgetList, type WireBudget } from '../../../contract/budget.ts'
import type { BudgetState } from '../../../core/budget.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { unixSeconds } from '../../unix-seconds.ts'

export function budgetRoutes(app: Routes, { budgets, database }: RouteDeps): void {
  app.get(
    '/api/budgets',
    {
      schema: {
        tags: ['Usage'],
        summary: 'What of each budget is left',
        description:
          'Of every budget that holds for the caller: those of the tenant, of the user and of the API key.',
        response: { 200: budgetList },
      },
      config: { scope: 'any' },
    },
    async (request) => {
      const { principal } = request
      const states = await database.transact(
        principal.tenantId,
        (transaction) => budgets.states(transaction, request.budgets),
        { oneStatement: true },
      )
      return { object: 'list' as const, data: states.map(wireBudget) }
    },
  )
}

function wireBudget({ budget, used, reserved, resetsAt }: BudgetState): WireBudget {
  const { holder, window, unit, limit } = budget
  const left = Math.max(0, limit - Number(used) - Number(reserved))
  return {
    object: 'budget',
    holder: { type: holder.kind, id: holder.id },
    window,
    unit,
    limit,
    used: Number(used),
    reserved: Number(reserved),
    left: Number(left.toFixed(9)),
    resets_at: unixSeconds(resetsAt),
  }
}
