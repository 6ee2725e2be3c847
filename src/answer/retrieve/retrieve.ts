import type { Candidate } from '../../core/answer.ts'
import { AppError } from '../../core/errors.ts'
import type { ChunkIndex, ChunkQuery } from '../../core/ports/chunk-index.ts'
import type { Database } from '../../core/ports/database.ts'
import type { EmbeddingModel } from '../../core/ports/embedding-model.ts'

export interface RetrieveDeps {
  readonly database: Database
  readonly chunkIndex: ChunkIndex
  /** Null where no weights were to be had: the search is by words alone. */
  readonly embedder: EmbeddingModel | null
}

export interface Retrieved {
  readonly candidates: readonly Candidate[]
  /** Null when the search went by words alone. */
  readonly vector: Float32Array | null
  readonly notices: readonly string[]
}

export const WORDS_ALONE_NOTICE =
  'The embedding model was not available: the documents were searched by words alone.'

/** Embeds the question, then asks both searches in one statement of one transaction. */
export async function retrieve(
  deps: RetrieveDeps,
  query: Omit<ChunkQuery, 'vector'> & { readonly tenantId: string; readonly dense: boolean },
  signal: AbortSignal,
): Promise<Retrieved> {
  const { tenantId, dense, ...chunkQuery } = query
  if (chunkQuery.vectorStoreIds.length === 0) return { candidates: [], vector: null, notices: [] }
  const embedded = dense ? await embedQuestion(deps.embedder, query.text, signal) : NOT_EMBEDDED
  signal.throwIfAborted()
  const candidates = await deps.database.transact(
    tenantId,
    (transaction) =>
      deps.chunkIndex.search(transaction, { ...chunkQuery, vector: embedded.vector }),
    { signal, oneStatement: true },
  )
  return { candidates, ...embedded }
}

const NOT_EMBEDDED: Omit<Retrieved, 'candidates'> = { vector: null, notices: [] }

async function embedQuestion(
  embedder: EmbeddingModel | null,
  text: string,
  signal: AbortSignal,
): Promise<Omit<Retrieved, 'candidates'>> {
  if (embedder === null) return NOT_EMBEDDED
  try {
    const [vector = null] = await embedder.embed([text], { kind: 'query', signal })
    return { vector, notices: [] }
  } catch (error) {
    // Degrade rather than fail: words still find most of it. A fault of our own is not hidden.
    if (signal.aborted || !(error instanceof AppError)) throw error
    return { vector: null, notices: [WORDS_ALONE_NOTICE] }
  }
}
