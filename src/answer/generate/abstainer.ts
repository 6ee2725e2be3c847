import type { GenerateEvent } from '../../core/ports/chat-model.ts'
import { ABSTENTION, type Answerer } from './answerer.ts'

/** Stands in for an answerer that is not to be asked: says the one sentence, and costs nothing. */
export function createAbstainer(name: string): Answerer {
  return {
    name,
    async *answer(): AsyncGenerator<GenerateEvent> {
      yield { type: 'text', text: ABSTENTION }
      yield { type: 'finish', reason: 'stop', usage: { inputTokens: 0, outputTokens: 0 } }
    },
  }
}
