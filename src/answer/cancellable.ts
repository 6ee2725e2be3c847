/**
 * Runs a generator under a signal that is aborted when the caller's is, or when the consumer stops: `return()` then
 * ends work that is under way, which a generator alone would wait for.
 */
export function cancellable<Event>(
  start: (signal: AbortSignal) => AsyncGenerator<Event>,
  signal: AbortSignal,
): AsyncIterable<Event> {
  return {
    [Symbol.asyncIterator]() {
      const stopped = new AbortController()
      const events = start(AbortSignal.any([signal, stopped.signal]))
      return {
        next: () => events.next(),
        async return() {
          stopped.abort()
          // What the abort makes the work throw is the stop that was asked for.
          await events.return(undefined).catch(() => undefined)
          return { done: true, value: undefined }
        },
      }
    },
  }
}

/** Rejects with the signal's reason as soon as it is aborted, whether or not the work listens to it. */
export async function unlessAborted<Result>(
  work: Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  // Left behind by an abort, its failure is nobody's.
  work.catch(() => undefined)
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** The same events, ended by the signal even while the source is silent. */
export async function* untilAborted<Event>(
  source: AsyncIterable<Event>,
  signal: AbortSignal,
): AsyncGenerator<Event> {
  const iterator = source[Symbol.asyncIterator]()
  try {
    while (true) {
      const next = await unlessAborted(iterator.next(), signal)
      if (next.done === true) return
      yield next.value
    }
  } finally {
    // Not awaited after an abort: a source that does not listen would hold up the end.
    const ended = Promise.resolve(iterator.return?.()).catch(() => undefined)
    if (!signal.aborted) await ended
  }
}
