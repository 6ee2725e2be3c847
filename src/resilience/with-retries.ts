import type { ChatModel } from '../core/ports/chat-model.ts'
import type { EmbeddingModel } from '../core/ports/embedding-model.ts'
import { continueStream, openStream } from './open-stream.ts'
import { createRetry, DEFAULT_RETRIES, type RetryOptions } from './retry-policy.ts'

export function withEmbeddingRetries(
  model: EmbeddingModel,
  options: RetryOptions = DEFAULT_RETRIES,
): EmbeddingModel {
  const retry = createRetry(options)
  return {
    id: model.id,
    dimensions: model.dimensions,
    maxTokens: model.maxTokens,
    embed: (texts, request) => retry(() => model.embed(texts, request), request.signal),
  }
}

/** Never after the first text: the reader has seen it. */
export function withChatRetries(
  model: ChatModel,
  options: RetryOptions = DEFAULT_RETRIES,
): ChatModel {
  const retry = createRetry(options)
  return {
    id: model.id,
    contextTokens: model.contextTokens,
    async *stream(request, signal) {
      const stream = await retry(() => openStream(model.stream(request, signal)), signal)
      yield* continueStream(stream)
    },
  }
}
