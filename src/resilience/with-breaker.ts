import { AppError } from '../core/errors.ts'
import type { ChatModel } from '../core/ports/chat-model.ts'
import type { EmbeddingModel } from '../core/ports/embedding-model.ts'
import { createBreaker, type BreakerOptions, type BreakerState, type Passage } from './breaker.ts'

export interface Breakable {
  state(): BreakerState
}

export function withEmbeddingBreaker(
  model: EmbeddingModel,
  options?: BreakerOptions,
): EmbeddingModel & Breakable {
  const breaker = createBreaker(model.id, options)
  return {
    id: model.id,
    dimensions: model.dimensions,
    maxTokens: model.maxTokens,
    state: () => breaker.state(),
    async embed(texts, request) {
      const passage = breaker.enter()
      try {
        const vectors = await model.embed(texts, request)
        await passage.succeeded()
        return vectors
      } catch (error) {
        await report(passage, error)
        throw error
      }
    },
  }
}

/** A stream has succeeded when it has ended well; as a trial, when it has begun to. */
export function withChatBreaker(model: ChatModel, options?: BreakerOptions): ChatModel & Breakable {
  const breaker = createBreaker(model.id, options)
  return {
    id: model.id,
    contextTokens: model.contextTokens,
    state: () => breaker.state(),
    async *stream(request, signal) {
      const passage = breaker.enter()
      try {
        for await (const event of model.stream(request, signal)) {
          if (passage.trial) await passage.succeeded()
          yield event
        }
        await passage.succeeded()
      } catch (error) {
        await report(passage, error)
        throw error
      } finally {
        // The reader left early. After a report this changes nothing.
        await passage.undecided()
      }
    },
  }
}

async function report(passage: Passage, error: unknown): Promise<void> {
  if (error instanceof AppError && error.code === 'provider_unavailable') await passage.failed()
  // It answered, if only to refuse.
  else if (error instanceof AppError) await passage.succeeded()
  else await passage.undecided()
}
