import type { Candidate } from '../../src/core/answer.ts'
import type { Answers } from '../../src/core/ports/answers.ts'
import type { ChunkIndex, ChunkQuery } from '../../src/core/ports/chunk-index.ts'
import type { Database, TransactOptions } from '../../src/core/ports/database.ts'
import type { AnswerTrace } from '../../src/core/trace.ts'

export interface FakeStorage {
  readonly database: Database
  readonly chunkIndex: ChunkIndex
  readonly answers: Pick<Answers, 'insertTrace'>
  readonly traces: readonly AnswerTrace[]
  readonly queries: readonly ChunkQuery[]
}

/** Finds always the same, or what it is told to do instead; keeps the traces it is given. */
export function createFakeStorage(options: {
  readonly candidates: readonly Candidate[]
  readonly search?: () => Promise<readonly Candidate[]>
  readonly insertTrace?: () => Promise<void>
}): FakeStorage {
  const traces: AnswerTrace[] = []
  const queries: ChunkQuery[] = []
  return {
    traces,
    queries,
    database: {
      transact: (tenantId, work, { signal }: TransactOptions = {}) => {
        signal?.throwIfAborted()
        return work({ tenantId, query: () => Promise.resolve([]), last: () => undefined })
      },
    },
    chunkIndex: {
      search: (_transaction, query) => {
        queries.push(query)
        return options.search?.() ?? Promise.resolve(options.candidates)
      },
    },
    answers: {
      async insertTrace(_transaction, trace) {
        await options.insertTrace?.()
        traces.push(structuredClone(trace))
      },
    },
  }
}
