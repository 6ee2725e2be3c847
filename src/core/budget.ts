/** How many tokens, or how much money in the configured currency, somebody may use in a day or month (UTC). */
export interface Budget {
  readonly holder: BudgetHolder
  readonly window: 'day' | 'month'
  readonly unit: 'cost' | 'tokens'
  readonly limit: number
}

export interface BudgetHolder {
  readonly kind: 'key' | 'tenant' | 'user'
  readonly id: string
}

/** Decimal numbers as text, so that no cent is lost on the way. */
export interface BudgetState {
  readonly budget: Budget
  readonly used: string
  /** Held back for calls under way. */
  readonly reserved: string
  readonly resetsAt: Date
}

/** The limits a budget is made of. */
export const BUDGET_LIMITS = [
  { limit: 'tokensPerDay', window: 'day', unit: 'tokens' },
  { limit: 'tokensPerMonth', window: 'month', unit: 'tokens' },
  { limit: 'costPerDay', window: 'day', unit: 'cost' },
  { limit: 'costPerMonth', window: 'month', unit: 'cost' },
] as const

export type BudgetLimits = Partial<
  Readonly<Record<(typeof BUDGET_LIMITS)[number]['limit'], number | null>>
>
