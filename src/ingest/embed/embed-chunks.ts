import { createHash } from 'node:crypto'
import { searchableText } from '../../core/chunk.ts'
import type { Chunk } from '../../core/chunk.ts'
import type { Budget } from '../../core/budget.ts'
import type { Database } from '../../core/ports/database.ts'
import type { EmbeddingCache } from '../../core/ports/documents.ts'
import type { EmbeddingModel } from '../../core/ports/embedding-model.ts'
import type { Spending } from '../../limits/spending.ts'

/** Texts embedded between two writes to the cache: what a killed process has to do again. */
const BATCH = 64

// Of English; what the service says afterwards is what counts.
const CHARACTERS_A_TOKEN = 4

/** Hash and text. */
type Batch = readonly (readonly [string, string])[]

export interface EmbedDeps {
  readonly database: Database
  readonly embeddingCache: EmbeddingCache
  readonly embedder: EmbeddingModel
  readonly spending: Spending
  /** The tenant's, as far as the model counts toward any. */
  readonly budgetsOf: (tenantId: string, model: string) => Promise<readonly Budget[]>
  /** As the ledger has it: for whoever asked for the document, where it is absent. */
  readonly purpose?: 'embed_again' | 'embed_documents'
}

export interface EmbedRequest {
  readonly tenantId: string
  readonly chunks: readonly Pick<Chunk, 'context' | 'text'>[]
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
    const entries = await embedPaid(deps, { tenantId, batch }, signal)
    for (const [hash, vector] of entries) vectors.set(hash, vector)
    await request.onProgress({ embedded: cached + from + batch.length, cached })
  }
  return hashes.map((hash) => vectorOf(vectors, hash))
}

/** A batch with its usage: what is in the cache has been paid for, and is in the ledger. */
async function embedPaid(
  {
    database,
    embedder,
    embeddingCache,
    spending,
    budgetsOf,
    purpose = 'embed_documents',
  }: EmbedDeps,
  { tenantId, batch }: { readonly tenantId: string; readonly batch: Batch },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Float32Array>> {
  const characters = batch.reduce((sum, [, text]) => sum + text.length, 0)
  const inputTokens = Math.ceil(characters / CHARACTERS_A_TOKEN)
  const bill = await spending.open({
    tenantId,
    account: { caller: null, answerId: null },
    budgets: await budgetsOf(tenantId, embedder.id),
    alternatives: [[{ model: embedder.id, inputTokens, outputTokens: 0 }]],
  })
  try {
    const metered = bill.meter.embedding(embedder, purpose)
    const entries = await embedBatch(metered, batch, signal)
    await database.transact(tenantId, async (transaction) => {
      await embeddingCache.put(transaction, embedder.id, entries)
      await bill.settle(transaction)
    })
    return entries
  } catch (error) {
    await bill.settleAfter(error).catch(() => undefined)
    throw error
  }
}

async function embedBatch(
  embedder: EmbeddingModel,
  batch: Batch,
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
