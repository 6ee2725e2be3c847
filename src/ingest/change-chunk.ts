import { SpacesChanged, type VectorsByModel } from '../core/embedding-space.ts'
import { AppError } from '../core/errors.ts'
import type { Chunks, StoredChunk } from '../core/ports/chunks.ts'
import type { Database } from '../core/ports/database.ts'
import type { Tokenizer } from '../core/ports/embedding-model.ts'
import { embedEverywhere, type EmbedEverywhereDeps } from './embed/embed-everywhere.ts'

export interface ChangeChunkDeps extends Omit<EmbedEverywhereDeps, 'database'> {
  readonly database: Database
  readonly chunks: Chunks
  readonly tokenizer: Tokenizer
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
  const { database, chunks, tokenizer } = deps

  return async (tenantId, { id, ...wanted }, signal) => {
    const before = await database.transact(tenantId, (within) => chunks.get(within, id))
    if (before === null) return null
    const chunk = changed(before, wanted, await longestFor(before))
    if (chunk === null) return { before, after: before }
    const after = await replace(tenantId, { before, chunk }, signal)
    return after === null ? null : { before, after }
  }

  /** A migration that begins or ends while the vectors are made asks for others: they are made, too. */
  async function replace(
    tenantId: string,
    { before, chunk }: { readonly before: StoredChunk; readonly chunk: StoredChunk },
    signal: AbortSignal,
  ): Promise<StoredChunk | null> {
    for (let attempt = 1; ; attempt += 1) {
      const vectors = chunk.disabledAt === null ? await embed(tenantId, chunk, signal) : NONE
      try {
        return await database.transact(tenantId, (within) =>
          chunks.replace(within, before, { chunk, vectors }),
        )
      } catch (error) {
        if (!(error instanceof SpacesChanged) || attempt === ATTEMPTS) throw error
      }
    }
  }

  function embed(
    tenantId: string,
    chunk: StoredChunk,
    signal: AbortSignal,
  ): Promise<VectorsByModel> {
    const request = { tenantId, chunks: [chunk], onProgress: async () => undefined }
    return embedEverywhere(deps, request, signal)
  }

  /** In tokens: what a text may have that takes the place of this chunk's. */
  async function longestFor({ originText, text }: StoredChunk): Promise<number> {
    const [model] = await deps.writeModels()
    const origin = tokenizer.count(originText ?? text)
    return Math.max(model?.embedder.maxTokens ?? 0, origin, LEAST_ROOM)
  }

  /** Null where nothing would be another. */
  function changed(
    before: StoredChunk,
    { text, enabled }: WantedChange,
    most: number,
  ): StoredChunk | null {
    const edited = text === undefined ? before : withText(before, text, most)
    const isEnabled = enabled ?? before.disabledAt === null
    const disabledAt = isEnabled ? null : (before.disabledAt ?? new Date())
    const isSame = edited === before && disabledAt?.getTime() === before.disabledAt?.getTime()
    return isSame ? null : { ...edited, disabledAt }
  }

  function withText(before: StoredChunk, wanted: string | null, most: number): StoredChunk {
    const origin = before.originText ?? before.text
    const text = wanted ?? origin
    if (text === before.text) return before
    const tokens = tokenizer.count(text)
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
const ATTEMPTS = 3
const NONE: VectorsByModel = new Map()
