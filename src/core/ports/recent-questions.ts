import type { Transaction } from './database.ts'

export interface AskedQuestion {
  /** As it was searched for. */
  readonly query: string
  readonly vectorStoreIds: readonly string[]
}

/** What people have asked lately, from the traces of answers. */
export interface RecentQuestions {
  /** Newest first, none twice. */
  list(transaction: Transaction, limit: number): Promise<readonly AskedQuestion[]>
}
