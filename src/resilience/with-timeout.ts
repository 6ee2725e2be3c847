import type { ChatModel, GenerateEvent } from '../core/ports/chat-model.ts'
import type { EmbeddingModel } from '../core/ports/embedding-model.ts'
import { startTimeLimit, type TimeLimit } from './time-limit.ts'

/** The whole call must be done in `timeoutMs`; the work under it is aborted otherwise. */
export function withEmbeddingTimeout(model: EmbeddingModel, timeoutMs: number): EmbeddingModel {
  return {
    id: model.id,
    dimensions: model.dimensions,
    maxTokens: model.maxTokens,
    async embed(texts, { signal, ...options }) {
      const limit = startLimit(model.id, { timeoutMs, signal })
      try {
        return await limit.race(model.embed(texts, { ...options, signal: limit.signal }))
      } finally {
        limit.stop()
      }
    },
  }
}

/** `timeoutMs` for the first event, and between two. The reader's own time does not count. */
export function withChatTimeout(model: ChatModel, timeoutMs: number): ChatModel {
  return {
    id: model.id,
    contextTokens: model.contextTokens,
    async *stream(request, signal) {
      const inner = new AbortController()
      const events = model.stream(request, AbortSignal.any([signal, inner.signal]))
      const iterator = events[Symbol.asyncIterator]()
      try {
        for (;;) {
          const next = await nextWithin(iterator, { name: model.id, timeoutMs, signal })
          if (next.done === true) return
          yield next.value
        }
      } finally {
        inner.abort()
      }
    },
  }
}

async function nextWithin(
  iterator: AsyncIterator<GenerateEvent>,
  { name, ...wait }: Wait & { readonly name: string },
): Promise<IteratorResult<GenerateEvent>> {
  const limit = startLimit(name, wait)
  try {
    return await limit.race(iterator.next())
  } finally {
    limit.stop()
  }
}

interface Wait {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

const startLimit = (name: string, { timeoutMs, signal }: Wait): TimeLimit =>
  startTimeLimit({
    timeoutMs,
    signal,
    message: `"${name}" did not answer in ${timeoutMs} ms. Try again later.`,
  })
