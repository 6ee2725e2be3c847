import type { Question } from '../../src/core/question.ts'
import { UNLIMITED } from '../../src/core/limits.ts'
import { EXAMPLE_CALLER } from '../example-principal.ts'

export function exampleQuestion(text: string, change: Partial<Question> = {}): Question {
  return {
    answerId: 'resp_1',
    tenantId: 'ten_1',
    caller: EXAMPLE_CALLER,
    limits: UNLIMITED,
    vectorStoreIds: ['vs_1'],
    text,
    filter: null,
    model: null,
    history: [],
    instructions: null,
    maxOutputTokens: null,
    temperature: null,
    topP: null,
    maxChunks: null,
    ...change,
  }
}
