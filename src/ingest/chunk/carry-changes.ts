import type { Chunk } from '../../core/chunk.ts'
import type { ChunkChange } from '../../core/ports/chunks.ts'

export interface Carried {
  readonly chunks: readonly Chunk[]
  /** Changes of chunks whose text is no longer there. */
  readonly dropped: number
}

/**
 * What people have changed stays with the text that they changed: a chunk that the parser gives with exactly the text
 * that a changed one had takes its change on. Where a text is there several times, the first takes the first.
 */
export function carryChanges(chunks: readonly Chunk[], changes: readonly ChunkChange[]): Carried {
  if (changes.length === 0) return { chunks, dropped: 0 }
  const waiting = Map.groupBy(changes, ({ originText }) => originText)
  let dropped = changes.length
  const carried = chunks.map((chunk) => {
    const change = waiting.get(chunk.text)?.shift()
    if (change === undefined) return chunk
    dropped -= 1
    return withChange(chunk, change)
  })
  return { chunks: carried, dropped }
}

function withChange(chunk: Chunk, { text, tokens, editedAt, disabledAt }: ChunkChange): Chunk {
  const edited = text === null ? {} : { text, tokens, originText: chunk.text, editedAt }
  return { ...chunk, ...edited, ...(disabledAt === null ? {} : { disabledAt }) }
}
