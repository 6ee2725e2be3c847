import { createHash } from 'node:crypto'
import { searchableText } from '../../core/chunk.ts'
import type { Chunk } from '../../core/chunk.ts'
import type { Database } from '../../core/ports/database.ts'
import type { EmbeddingCache } from '../../core/ports/documents.ts'
import type { EmbeddingModel } from '../../core/ports/embedding-model.ts'

/** Texts embedded between two writes to the cache: what a killed process has to do again. */
const BATCH = 64

export interface EmbedDeps {
  readonly database: Database
  readonly embeddingCache: EmbeddingCache
  readonly embedder: EmbeddingModel
}

export interface EmbedRequest {
  readonly tenantId: string
  readonly chunks: readonly Chunk[]
  /** After the look into the cache and after every batch. Throwing ends the work. */
  readonly onProgress: (progress: EmbedProgress) => Promise<void>
}

/** In chunks. */
export interface EmbedProgress {
  readonly embedded: number
  /** How many of them came from the cache, or have the text of another. */
  readonly cached: number
}

/** One unit vector a chunk. A text that was ever embedded for this tenant is not embedded again. */
export async function embedChunks(
  deps: EmbedDeps,
  request: EmbedRequest,
  signal: AbortSignal,
): Promise<readonly Float32Array[]> {
  const { tenantId, chunks } = request
  const model = deps.embedder.id
  const texts = new Map<string, string>()
  const hashes = chunks.map((chunk) => {
    const text = searchableText(chunk)
    const hash = createHash('sha256').update(text).digest('hex')
    texts.set(hash, text)
    return hash
  })
  const vectors = new Map(
    await deps.database.transact(tenantId, (transaction) =>
      deps.embeddingCache.get(transaction, model, [...texts.keys()]),
    ),
  )
  const missing = [...texts].filter(([hash]) => !vectors.has(hash))
  const cached = chunks.length - missing.length
  await request.onProgress({ embedded: cached, cached })

  for (let from = 0; from < missing.length; from += BATCH) {
    signal.throwIfAborted()
    const batch = missing.slice(from, from + BATCH)
    const entries = await embedBatch(deps.embedder, batch, signal)
    await deps.database.transact(tenantId, (transaction) =>
      deps.embeddingCache.put(transaction, model, entries),
    )
    for (const [hash, vector] of entries) vectors.set(hash, vector)
    await request.onProgress({ embedded: cached + from + batch.length, cached })
  }
  return hashes.map((hash) => vectorOf(vectors, hash))
}

async function embedBatch(
  embedder: EmbeddingModel,
  batch: readonly (readonly [string, string])[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Float32Array>> {
  const embedded = await embedder.embed(
    batch.map(([, text]) => text),
    { kind: 'passage', signal },
  )
  return new Map(
    batch.map(([hash], at) => {
      const vector = embedded[at]
      if (vector?.length !== embedder.dimensions) {
        throw new Error(
          `${embedder.id} gave ${vector?.length ?? 'no'} numbers for a text, not ${embedder.dimensions}.`,
        )
      }
      return [hash, vector]
    }),
  )
}

function vectorOf(vectors: ReadonlyMap<string, Float32Array>, hash: string): Float32Array {
  const vector = vectors.get(hash)
  if (vector === undefined) throw new Error(`No vector for the text with hash ${hash}.`)
  return vector
}
