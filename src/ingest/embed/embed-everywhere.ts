import type { Chunk } from '../../core/chunk.ts'
import type { VectorsByModel } from '../../core/embedding-space.ts'
import type { WriteModels } from '../../core/ports/write-models.ts'
import { embedChunks, type EmbedDeps, type EmbedProgress } from './embed-chunks.ts'

export interface EmbedEverywhereDeps extends Omit<EmbedDeps, 'embedder' | 'purpose'> {
  readonly writeModels: WriteModels
}

export interface EmbedEverywhereRequest {
  readonly tenantId: string
  readonly chunks: readonly Pick<Chunk, 'context' | 'text'>[]
  /** In chunks' worth of the whole work. Throwing ends it. */
  readonly onProgress: (progress: EmbedProgress) => Promise<void>
}

/** One vector a chunk by every model that writes. Empty where search is by words alone. */
export async function embedEverywhere(
  deps: EmbedEverywhereDeps,
  { tenantId, chunks, onProgress }: EmbedEverywhereRequest,
  signal: AbortSignal,
): Promise<VectorsByModel> {
  const models = await deps.writeModels()
  const vectors = new Map<string, readonly Float32Array[]>()
  for (const [place, { embedder, serves }] of models.entries()) {
    const own = { ...deps, embedder, ...(serves ? {} : UNASKED) }
    const request = {
      tenantId,
      chunks,
      onProgress: ({ embedded, cached }: EmbedProgress) =>
        onProgress({
          embedded: Math.floor((place * chunks.length + embedded) / models.length),
          cached,
        }),
    }
    vectors.set(embedder.id, await embedChunks(own, request, signal))
  }
  return vectors
}

/** The operator's doing: in the tenant's ledger, and on nobody's budget. */
export const UNASKED = {
  purpose: 'embed_again',
  budgetsOf: async () => [],
} as const satisfies Partial<EmbedDeps>
