import type { WireGoldenQuestion } from '../../../contract/golden-question.ts'
import type { GoldenQuestion } from '../../../core/golden-question.ts'
import { unixSeconds } from '../../unix-seconds.ts'

export function wireGoldenQuestion(kept: GoldenQuestion): WireGoldenQuestion {
  return {
    id: kept.id,
    object: 'vector_store.golden_question',
    vector_store_id: kept.vectorStoreId,
    question: kept.question,
    expected: kept.expected.map(({ file, quote }) => ({ file, quote })),
    created_at: unixSeconds(kept.createdAt),
    updated_at: unixSeconds(kept.updatedAt),
  }
}
