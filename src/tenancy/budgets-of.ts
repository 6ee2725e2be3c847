import { BUDGET_LIMITS, type Budget, type BudgetHolder, type BudgetLimits } from '../core/budget.ts'

/** What the limits say of money and tokens, for whoever they hold for. */
export function budgetsOf(holder: BudgetHolder, limits: BudgetLimits): readonly Budget[] {
  return BUDGET_LIMITS.flatMap(({ limit: name, window, unit }) => {
    const limit = limits[name] ?? null
    return limit === null ? [] : [{ holder, window, unit, limit }]
  })
}
