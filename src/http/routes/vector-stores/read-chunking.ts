import type { ChunkingStrategyParam } from '../../../contract/chunking-strategy.ts'
import type { ChunkSize } from '../../../core/chunk.ts'
import { invalidValue } from '../../request-error.ts'

/** Null for `auto`, which takes the store's strategy, then the configured one. */
export function readChunking(
  strategy: ChunkingStrategyParam | undefined,
  param = 'chunking_strategy',
): ChunkSize | null {
  if (strategy === undefined || strategy.type === 'auto') return null
  const maxTokens = strategy.static.max_chunk_size_tokens
  const overlapTokens = strategy.static.chunk_overlap_tokens
  if (overlapTokens * 2 > maxTokens) {
    throw invalidValue(
      `${param}.static.chunk_overlap_tokens`,
      `The overlap must be at most half of max_chunk_size_tokens, here ${Math.floor(maxTokens / 2)}.`,
    )
  }
  return { maxTokens, overlapTokens }
}
