import type { RankedChunk } from '../../core/answer.ts'
import type { Choice, Dropped } from '../choice.ts'

// The fence, the number and the file name around each passage.
const FRAME_TOKENS = 24

/** As many chunks, best first, as the budget holds. The best one always goes in: without it there is no answer. */
export function pack<Chunk extends RankedChunk>(
  chunks: readonly Chunk[],
  contextTokens: number,
): Choice<Chunk> {
  const kept: Chunk[] = []
  const dropped: Dropped[] = []
  let left = contextTokens
  for (const chunk of chunks) {
    const cost = chunk.tokens + FRAME_TOKENS
    if (cost > left && kept.length > 0) {
      dropped.push({ chunkId: chunk.chunkId, reason: 'over the token budget' })
      continue
    }
    kept.push(chunk)
    left -= cost
  }
  return { kept, dropped }
}
