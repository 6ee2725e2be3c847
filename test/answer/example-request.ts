import type { AnswererRequest } from '../../src/answer/generate/answerer.ts'
import type { RankedChunk } from '../../src/core/answer.ts'

export function exampleRequest(
  question: string,
  passages: readonly RankedChunk[],
  change: Partial<AnswererRequest> = {},
): AnswererRequest {
  return {
    tenantId: 'ten_a',
    question,
    query: question,
    history: [],
    passages,
    instructions: null,
    maxOutputTokens: null,
    temperature: null,
    topP: null,
    ...change,
  }
}
