import type { Candidate } from '../../core/answer.ts'
import { SpaceGone } from '../../core/embedding-space.ts'
import { AppError } from '../../core/errors.ts'
import type { ChunkIndex, ChunkQuery } from '../../core/ports/chunk-index.ts'
import type { Database } from '../../core/ports/database.ts'
import type { EmbeddingModel } from '../../core/ports/embedding-model.ts'

export interface RetrieveDeps {
  readonly database: Database
  readonly chunkIndex: ChunkIndex
  /** Null where no weights were to be had: the search is by words alone. */
  readonly embedder: EmbeddingModel | null
  /** The model that serves now, where the vectors of the other one turn out to be gone. */
  readonly nextEmbedder?: () => Promise<EmbeddingModel | null>
}

export interface Retrieved {
  readonly candidates: readonly Candidate[]
  /** Whose vectors were compared; null where there is no model. */
  readonly model: string | null
  /** Null when the search went by words alone. */
  readonly vector: Float32Array | null
  readonly notices: readonly string[]
}

export const WORDS_ALONE_NOTICE =
  'The embedding model was not available: the documents were searched by words alone.'

type Query = Omit<ChunkQuery, 'model' | 'vector'> & {
  readonly tenantId: string
  readonly dense: boolean
}

/**
 * Embeds the question, then asks both searches in one statement of one transaction. A question's vector and the vectors
 * that it is compared with are always of one model: should those be gone, both are asked for anew.
 */
export async function retrieve(
  deps: RetrieveDeps,
  query: Query,
  signal: AbortSignal,
): Promise<Retrieved> {
  const { embedder, nextEmbedder } = deps
  try {
    return await retrieveBy(deps, query, { embedder, signal })
  } catch (error) {
    if (!(error instanceof SpaceGone) || nextEmbedder === undefined) throw error
    return retrieveBy(deps, query, { embedder: await nextEmbedder(), signal })
  }
}

async function retrieveBy(
  deps: RetrieveDeps,
  { tenantId, dense, ...chunkQuery }: Query,
  { embedder, signal }: { readonly embedder: EmbeddingModel | null; readonly signal: AbortSignal },
): Promise<Retrieved> {
  const model = embedder?.id ?? null
  if (chunkQuery.vectorStoreIds.length === 0)
    return { candidates: [], model, vector: null, notices: [] }
  const embedded = dense ? await embedQuestion(embedder, chunkQuery.text, signal) : NOT_EMBEDDED
  signal.throwIfAborted()
  const candidates = await deps.database.transact(
    tenantId,
    (transaction) =>
      deps.chunkIndex.search(transaction, { ...chunkQuery, model, vector: embedded.vector }),
    { signal, oneStatement: true },
  )
  return { candidates, model, ...embedded }
}

type Embedded = Pick<Retrieved, 'notices' | 'vector'>

const NOT_EMBEDDED: Embedded = { vector: null, notices: [] }

async function embedQuestion(
  embedder: EmbeddingModel | null,
  text: string,
  signal: AbortSignal,
): Promise<Embedded> {
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
