import { AppError } from '../core/errors.ts'
import type { Content, ObjectStore, OpenObject } from '../core/ports/object-store.ts'
import { createBreaker, type BreakerOptions, type BreakerState } from './breaker.ts'
import { createRetry, DEFAULT_RETRIES, type RetryOptions } from './retry-policy.ts'
import { startTimeLimit } from './time-limit.ts'

export interface ObjectResilience {
  /** For an answer, and between two pieces of content. */
  readonly timeoutMs: number
  readonly retries?: RetryOptions
  readonly breaker?: BreakerOptions
  /** What callers know it as. */
  readonly name?: string
}

/**
 * A store over a network: each call has its time, is tried again where that may help, and is refused at once while the
 * store has been failing. Content that breaks off is gone on with where it broke off, as long as it is still the same.
 */
export function resilientObjects(
  store: ObjectStore,
  {
    timeoutMs,
    retries = DEFAULT_RETRIES,
    breaker: options,
    name = 'file storage',
  }: ObjectResilience,
): ObjectStore & { state(): BreakerState } {
  const retry = createRetry(retries)
  const breaker = createBreaker(name, options)

  /** One attempt: the time is up when nothing was heard for so long. */
  async function attempt<Result>(
    work: (signal: AbortSignal, alive: () => void) => Promise<Result>,
    outer?: AbortSignal,
  ): Promise<Result> {
    const passage = breaker.enter()
    const message = `The ${name} was silent for ${timeoutMs} ms. Try again in a moment.`
    const limit = startTimeLimit({ timeoutMs, message, signal: outer })
    try {
      const result = await limit.race(work(limit.signal, limit.alive))
      await passage.succeeded()
      return result
    } catch (error) {
      if (outer?.aborted === true) await passage.undecided()
      else if (isOutage(error)) await passage.failed()
      else await passage.succeeded()
      throw error
    } finally {
      limit.stop()
    }
  }
  const call = <Result>(
    work: (signal: AbortSignal, alive: () => void) => Promise<Result>,
    outer?: AbortSignal,
  ) => retry(() => attempt(work, outer), outer)

  async function* heardOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const pieces = content[Symbol.asyncIterator]()
    const next = () => attempt(() => pieces.next())
    try {
      for (let piece = await next(); piece.done !== true; piece = await next()) yield piece.value
    } finally {
      // A read that hangs would hold up its own end.
      void pieces.return?.().catch(() => undefined)
    }
  }

  async function* follow(
    first: OpenObject,
    from: { readonly key: string; readonly start: number; readonly end: number },
  ): AsyncGenerator<Uint8Array> {
    let given = from.start
    let content = first.content
    for (let breaks = 0; ; breaks += 1) {
      try {
        for await (const piece of heardOf(content)) {
          given += piece.byteLength
          yield piece
        }
        return
      } catch (error) {
        if (!isOutage(error) || breaks === retries.maxRetries || given >= from.end) throw error
        const rest = { start: given, end: from.end }
        const again = await call((signal) => store.open(from.key, rest, signal))
        if (again?.version !== first.version) throw error
        content = again.content
      }
    }
  }

  return {
    state: () => breaker.state(),
    write: (key, content, outer) =>
      call((signal, alive) => store.write(key, heard(content, alive), signal), outer),
    find: (key, outer) => call((signal) => store.find(key, signal), outer),
    async open(key, range, outer) {
      const opened = await call((signal) => store.open(key, range, signal), outer)
      if (opened === null) return null
      const { start, end } = range ?? { start: 0, end: opened.bytes }
      const span = { key, start, end: Math.min(end, opened.bytes) }
      return { ...opened, content: follow(opened, span) }
    },
    delete: (key, outer) => call((signal) => store.delete(key, signal), outer),
    async *list(prefix, outer) {
      const found = store.list(prefix, outer)[Symbol.asyncIterator]()
      for (;;) {
        const next = await attempt(() => found.next(), outer)
        if (next.done === true) return
        yield next.value
      }
    },
  }
}

const isOutage = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'provider_unavailable'

function heard(content: Content, alive: () => void): Content {
  return {
    bytes: content.bytes,
    async *read() {
      for await (const piece of content.read()) {
        alive()
        yield piece
      }
    },
  }
}
