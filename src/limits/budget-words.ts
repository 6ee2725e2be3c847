import type { Budget, BudgetState } from '../core/budget.ts'

const WHOSE = { key: 'this API key', tenant: 'your organisation', user: 'your account' } as const
const WHEN = { day: 'daily', month: 'monthly' } as const
const WHAT = { cost: 'money', tokens: 'token' } as const

/** `The daily token budget of this API key` */
export function nameBudget({ holder, window, unit }: Budget): string {
  return `The ${WHEN[window]} ${WHAT[unit]} budget of ${WHOSE[holder.kind]}`
}

export function warningOf(state: BudgetState): string {
  const percent = Math.floor(shareOf(state) * 100)
  return `${nameBudget(state.budget)} is ${percent} % used; it starts anew at ${moment(state.resetsAt)}.`
}

/** Of the limit, what is used or held back. */
export function shareOf({ budget, used, reserved }: BudgetState): number {
  return budget.limit === 0 ? 1 : (Number(used) + Number(reserved)) / budget.limit
}

/** `2026-11-22T00:00:00Z` */
export function moment(at: Date): string {
  return at.toISOString().replace('.000Z', 'Z')
}

/** `9,400 tokens`, `0.84 EUR` */
export function amountOf(amount: number, unit: Budget['unit'], currency: string): string {
  if (unit === 'tokens') return `${Math.ceil(amount).toLocaleString('en')} tokens`
  return `${amount.toLocaleString('en', { maximumFractionDigits: 6 })} ${currency}`
}
