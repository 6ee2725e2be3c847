import { AppError } from '../core/errors.ts'
import type { ChatModel, GenerateEvent } from '../core/ports/chat-model.ts'
import type { EmbeddingModel } from '../core/ports/embedding-model.ts'

/** The whole call must be done in `timeoutMs`; the work under it is aborted otherwise. */
export function withEmbeddingTimeout(model: EmbeddingModel, timeoutMs: number): EmbeddingModel {
  return {
    id: model.id,
    dimensions: model.dimensions,
    maxTokens: model.maxTokens,
    async embed(texts, { signal, ...options }) {
      const limit = startLimit(model.id, timeoutMs, signal)
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

interface Wait {
  readonly name: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

async function nextWithin(
  iterator: AsyncIterator<GenerateEvent>,
  { name, timeoutMs, signal }: Wait,
): Promise<IteratorResult<GenerateEvent>> {
  const limit = startLimit(name, timeoutMs, signal)
  try {
    return await limit.race(iterator.next())
  } finally {
    limit.stop()
  }
}

interface Limit {
  /** Aborted by the caller, or when the time is up. */
  readonly signal: AbortSignal
  race<Value>(work: Promise<Value>): Promise<Value>
  stop(): void
}

function startLimit(name: string, timeoutMs: number, outer: AbortSignal | undefined): Limit {
  const controller = new AbortController()
  const timer = setTimeout(() => {
    const message = `"${name}" did not answer in ${timeoutMs} ms. Try again later.`
    controller.abort(new AppError('provider_unavailable', message))
  }, timeoutMs)
  const signal = outer ? AbortSignal.any([outer, controller.signal]) : controller.signal
  return {
    signal,
    async race(work) {
      const { promise: over, reject } = Promise.withResolvers<never>()
      const abort = (): void => reject(signal.reason)
      if (signal.aborted) abort()
      signal.addEventListener('abort', abort, { once: true })
      try {
        return await Promise.race([work, over])
      } finally {
        signal.removeEventListener('abort', abort)
      }
    },
    stop: () => clearTimeout(timer),
  }
}
