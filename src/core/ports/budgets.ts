import type { Budget, BudgetLimits, BudgetState } from '../budget.ts'
import type { Transaction } from './database.ts'

/** What a piece of work is expected to use at the most. */
export interface Estimate {
  readonly tokens: number
  /** In the configured currency. */
  readonly cost: number
  /** The share of every budget that may be gone before. */
  readonly below: number
}

export interface ReservationRequest {
  readonly id: string
  readonly budgets: readonly Budget[]
  /** The first that fits is held back. */
  readonly alternatives: readonly Estimate[]
  /** After so long without a word, its process is taken for dead. */
  readonly leaseSeconds: number
}

export interface BudgetReservation {
  /** Place among the alternatives; null when none fits, and nothing is held back. */
  readonly granted: number | null
  /** One a budget, in their order, as they stood before. */
  readonly states: readonly BudgetState[]
}

/** Shared by every process on the same database. */
export interface Budgets {
  /** Atomic across all the budgets, in one round trip. */
  reserve(tenantId: string, request: ReservationRequest): Promise<BudgetReservation>
  /** Another lease for what is still under way. */
  extend(
    tenantId: string,
    reservation: Pick<ReservationRequest, 'id' | 'leaseSeconds'>,
  ): Promise<void>
  states(transaction: Transaction, budgets: readonly Budget[]): Promise<readonly BudgetState[]>
}

/** What each person may use; `*` stands for everybody who is not named. */
export interface UserBudgets {
  list(transaction: Transaction): Promise<ReadonlyMap<string, BudgetLimits>>
  set(transaction: Transaction, userId: string, limits: BudgetLimits): Promise<void>
  /** False when there was none. */
  remove(transaction: Transaction, userId: string): Promise<boolean>
}
