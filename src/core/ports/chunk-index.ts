import type { Candidate } from '../answer.ts'
import type { Filter } from '../filter.ts'
import type { Transaction } from './database.ts'

export interface ChunkQuery {
  readonly vectorStoreIds: readonly string[]
  readonly filter: Filter | null
  readonly text: string
  /** Whose vectors are compared; null where there is no model. */
  readonly model: string | null
  /** By the model. Null searches by words alone. */
  readonly vector: Float32Array | null
  /** How many each of the two searches may give. */
  readonly candidates: number
}

export interface ChunkIndex {
  /** Both searches in one statement. Each chunk appears once, with the scores of the searches that found it. Throws `SpaceGone`. */
  search(transaction: Transaction, query: ChunkQuery): Promise<readonly Candidate[]>
}
