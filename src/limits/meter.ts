import type { TokenUsage } from '../core/answer.ts'
import type { ChatModel } from '../core/ports/chat-model.ts'
import type { EmbeddingModel, Tokenizer } from '../core/ports/embedding-model.ts'
import type { ModelCall, Purpose } from '../core/usage.ts'
import { createReading, type Reading } from './reading.ts'
import type { Tariff } from './tariff.ts'
import { withChatMeter } from './with-chat-meter.ts'
import { withEmbeddingMeter } from './with-embedding-meter.ts'

/** Notes what the models of one piece of work read and write. */
export interface Meter {
  chat(model: ChatModel, purpose: Purpose): ChatModel
  /** Searching with the built-in model is part of every question, and not noted. */
  embedding(model: EmbeddingModel, purpose: Purpose): EmbeddingModel
  /** What an answerer without a model of its own has counted. */
  note(model: string, usage: TokenUsage, milliseconds: number): void
  /** So far: of a call that is still going on, what was heard of it. */
  calls(): readonly ModelCall[]
}

export function createMeter({
  tariff,
  tokenizer,
}: {
  readonly tariff: Tariff
  readonly tokenizer: Tokenizer
}): Meter {
  const readings: Reading[] = []
  const begin = (model: string, purpose: Purpose) => {
    const reading = createReading({ model, purpose, tokenizer, ...tariff(model) })
    readings.push(reading)
    return reading
  }
  return {
    chat: (model, purpose) => withChatMeter(model, () => begin(model.id, purpose)),
    embedding: (model, purpose) =>
      purpose === 'embed_question' && tariff(model.id).builtIn
        ? model
        : withEmbeddingMeter(model, () => begin(model.id, purpose)),
    note(model, usage, milliseconds) {
      begin(model, 'answer').told(usage, milliseconds)
    },
    calls: () => readings.flatMap((reading) => reading.call() ?? []),
  }
}
