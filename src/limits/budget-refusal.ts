import type { BudgetState } from '../core/budget.ts'
import { AppError } from '../core/errors.ts'
import type { Estimate } from '../core/ports/budgets.ts'
import { amountOf, moment, nameBudget } from './budget-words.ts'

/** What is held back is settled within the length of an answer. */
const UNDER_WAY_MS = 5_000

/** Of the budgets that stand in the way, the one that does so longest is named. */
export function budgetRefusal(
  states: readonly BudgetState[],
  estimate: Pick<Estimate, 'cost' | 'tokens'>,
  { currency, now }: { readonly currency: string; readonly now: () => number },
): AppError {
  const inTheWay = states
    .filter((state) => !fits(state, estimate))
    .toSorted((left, right) => rank(right, estimate) - rank(left, estimate))
  const [worst] = inTheWay
  if (worst === undefined) throw new Error('A reservation was refused that every budget allows.')
  const { budget, used, reserved, resetsAt } = worst
  const amount = (value: number) => amountOf(value, budget.unit, currency)
  const waits = onlyWaits(worst, estimate)
  const held = Number(reserved) > 0 ? `, ${amount(Number(reserved))} held back for others` : ''
  const limit = amount(budget.limit)
  const needs = amount(estimate[budget.unit])
  const after = waits
    ? 'Ask again when those are done.'
    : `It starts anew at ${moment(resetsAt)}; until then use a smaller request or have the budget raised.`
  return new AppError(
    'budget_exceeded',
    `${nameBudget(budget)} does not allow this: of ${limit}, ${amount(Number(used))} are used${held}, and this may need ${needs}. ${after}`,
    { retryAfterMs: waits ? UNDER_WAY_MS : Math.max(1_000, resetsAt.getTime() - now()) },
  )
}

function fits(
  { budget, used, reserved }: BudgetState,
  estimate: Pick<Estimate, 'cost' | 'tokens'>,
) {
  const gone = Number(used) + Number(reserved)
  return gone < budget.limit && gone + estimate[budget.unit] <= budget.limit
}

/** Whether it would fit if nothing were under way. */
function onlyWaits(state: BudgetState, estimate: Pick<Estimate, 'cost' | 'tokens'>): boolean {
  return fits({ ...state, reserved: '0' }, estimate)
}

function rank(state: BudgetState, estimate: Pick<Estimate, 'cost' | 'tokens'>): number {
  return onlyWaits(state, estimate) ? 0 : state.resetsAt.getTime()
}
