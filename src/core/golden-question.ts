/** Where the answer to a question is: in a file, and in which words of it. */
export interface Expectation {
  /** Id or name. */
  readonly file: string
  readonly quote: string | null
}

/** A question that a vector store keeps to be judged by. */
export interface GoldenQuestion {
  readonly id: string
  readonly vectorStoreId: string
  readonly question: string
  /** Empty where only what changes is looked at. */
  readonly expected: readonly Expectation[]
  readonly createdAt: Date
  /** When what is expected was said last. */
  readonly updatedAt: Date
}

/** That a store keeps, and that one comparison asks. */
export const MOST_GOLDEN_QUESTIONS = 1_000
