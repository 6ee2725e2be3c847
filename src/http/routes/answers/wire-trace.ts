import type { WireAnswerTrace } from '../../../contract/answer-trace.ts'
import type { AnswerTrace, TracedCandidate } from '../../../core/trace.ts'
import { unixSeconds } from '../../unix-seconds.ts'

export function wireTrace(trace: AnswerTrace): WireAnswerTrace {
  return {
    object: 'answer.trace',
    answer_id: trace.answerId,
    created_at: unixSeconds(trace.createdAt),
    question: trace.question,
    query: trace.query,
    vector_store_ids: [...trace.vectorStoreIds],
    model: trace.model,
    outcome: trace.outcome,
    stages: trace.stages.map(({ name, milliseconds, detail }) => ({
      name,
      milliseconds,
      detail: { ...detail },
    })),
    candidates: trace.candidates.map(wireCandidate),
    usage: { input_tokens: trace.usage.inputTokens, output_tokens: trace.usage.outputTokens },
  }
}

function wireCandidate(candidate: TracedCandidate): WireAnswerTrace['candidates'][number] {
  const { chunkId, fileId, denseRank, lexicalRank, ...same } = candidate
  return {
    ...same,
    chunk_id: chunkId,
    file_id: fileId,
    dense_rank: denseRank,
    lexical_rank: lexicalRank,
  }
}
