import type { GoldenQuestion } from '../golden-question.ts'
import type { Transaction } from './database.ts'
import type { Cursor } from './files.ts'

export type NewGoldenQuestion = Pick<GoldenQuestion, 'expected' | 'question'>

export interface GoldenQuestions {
  /**
   * What the store has already is kept once, with what is expected now; so is what is given twice. Null where there is no
   * such store. Throws `limit_reached` where it would have more than `MOST_GOLDEN_QUESTIONS`.
   */
  put(
    transaction: Transaction,
    vectorStoreId: string,
    given: readonly NewGoldenQuestion[],
  ): Promise<KeptGoldenQuestions | null>
  /** One row more than `limit` where there are more. */
  list(
    transaction: Transaction,
    vectorStoreId: string,
    cursor: Cursor,
  ): Promise<readonly GoldenQuestion[]>
  delete(transaction: Transaction, vectorStoreId: string, id: string): Promise<boolean>
  /** Of all stores, as many of each as of any other as long as it has some, the newest first. */
  spread(
    transaction: Transaction,
    limit: number,
  ): Promise<{ readonly questions: readonly GoldenQuestion[]; readonly total: number }>
}

export interface KeptGoldenQuestions {
  /** In the order given. */
  readonly kept: readonly GoldenQuestion[]
  /** Of them, those that the store had not. */
  readonly added: number
}
