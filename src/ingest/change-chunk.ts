import type { Chunk } from '../core/chunk.ts'
import { AppError } from '../core/errors.ts'
import type { Chunks, StoredChunk } from '../core/ports/chunks.ts'
import type { Database } from '../core/ports/database.ts'
import type { EmbeddingModel, Tokenizer } from '../core/ports/embedding-model.ts'
import { embedChunks, type EmbedDeps } from './embed/embed-chunks.ts'

export interface ChangeChunkDeps extends Omit<EmbedDeps, 'database' | 'embedder'> {
  readonly database: Database
  readonly chunks: Chunks
  readonly tokenizer: Tokenizer
  /** Null where search is by words alone. */
  readonly embedder: EmbeddingModel | null
}

export interface WantedChange {
  /** Null takes the document's own text again. */
  readonly text?: string | null
  readonly enabled?: boolean
}

/**
 * Changes one chunk as a person wants it. What searches are to find has its vector before it is found; what they are not
 * is gone from them with the commit. Null when there is no such chunk. Throws `conflict`, `input_rejected`.
 */
export type ChangeChunk = (
  tenantId: string,
  change: WantedChange & { readonly id: string },
  signal: AbortSignal,
) => Promise<{ readonly before: StoredChunk; readonly after: StoredChunk } | null>

export function createChangeChunk(deps: ChangeChunkDeps): ChangeChunk {
  const { database, chunks, embedder, tokenizer } = deps

  return async (tenantId, { id, ...wanted }, signal) => {
    const before = await database.transact(tenantId, (within) => chunks.get(within, id))
    if (before === null) return null
    const chunk = changed(before, wanted)
    if (chunk === null) return { before, after: before }
    const isFound = chunk.disabledAt === null
    const [vector = null] =
      isFound && embedder !== null
        ? await embed({ ...deps, embedder }, { tenantId, chunk }, signal)
        : []
    const after = await database.transact(tenantId, (within) =>
      chunks.replace(within, before, { chunk, vector }),
    )
    return after === null ? null : { before, after }
  }

  /** Null where nothing would be another. */
  function changed(before: StoredChunk, { text, enabled }: WantedChange): StoredChunk | null {
    const edited = text === undefined ? before : withText(before, text)
    const isEnabled = enabled ?? before.disabledAt === null
    const disabledAt = isEnabled ? null : (before.disabledAt ?? new Date())
    const isSame = edited === before && disabledAt?.getTime() === before.disabledAt?.getTime()
    return isSame ? null : { ...edited, disabledAt }
  }

  function withText(before: StoredChunk, wanted: string | null): StoredChunk {
    const origin = before.originText ?? before.text
    const text = wanted ?? origin
    if (text === before.text) return before
    const tokens = tokenizer.count(text)
    const most = Math.max(embedder?.maxTokens ?? 0, tokenizer.count(origin), LEAST_ROOM)
    if (tokens > most) {
      throw new AppError(
        'input_rejected',
        `The text has ${tokens} tokens; a chunk here may have ${most}. Shorten it.`,
        { param: 'text' },
      )
    }
    return text === origin
      ? { ...before, text, tokens, originText: null, editedAt: null }
      : { ...before, text, tokens, originText: origin, editedAt: new Date() }
  }
}

/** In tokens, whatever the model reads of them. */
const LEAST_ROOM = 512

function embed(
  deps: EmbedDeps,
  { tenantId, chunk }: { readonly tenantId: string; readonly chunk: Chunk },
  signal: AbortSignal,
): Promise<readonly Float32Array[]> {
  return embedChunks(deps, { tenantId, chunks: [chunk], onProgress: async () => undefined }, signal)
}
