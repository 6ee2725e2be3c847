import type { GenerateEvent } from '../core/ports/chat-model.ts'

/** A stream that has given its first event, so that what comes before a word is said can be told from what comes after. */
export interface OpenStream {
  readonly first: IteratorResult<GenerateEvent>
  readonly iterator: AsyncIterator<GenerateEvent>
}

/** Waits for the first event. */
export async function openStream(events: AsyncIterable<GenerateEvent>): Promise<OpenStream> {
  const iterator = events[Symbol.asyncIterator]()
  return { first: await iterator.next(), iterator }
}

/** The whole stream, first event included. Leaving early ends it. */
export async function* continueStream(stream: OpenStream): AsyncGenerator<GenerateEvent> {
  let next = stream.first
  try {
    while (next.done !== true) {
      yield next.value
      next = await stream.iterator.next()
    }
  } finally {
    if (next.done !== true) await stream.iterator.return?.()
  }
}
