import type { Budget } from '../core/budget.ts'
import type { UsageAccount } from '../core/usage.ts'

export interface BudgetSettings {
  readonly currency: string
  /** Share of a budget from which on callers are warned. */
  readonly warnAt: number
  /** Share from which on the cheaper alternative is taken. */
  readonly cheaperAt: number
  readonly leaseSeconds: number
}

/** What a call is expected to read and write at the most. */
export interface ExpectedCall {
  readonly model: string
  readonly inputTokens: number
  readonly outputTokens: number
  /** Who may be asked in its place: the dearest counts. */
  readonly fallbacks?: readonly string[]
}

export interface Work {
  readonly tenantId: string
  readonly account: UsageAccount
  readonly budgets: readonly Budget[]
  /** What is wanted, and then what would do where a budget runs low. */
  readonly alternatives: readonly (readonly ExpectedCall[])[]
}
