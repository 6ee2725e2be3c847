import { AppError } from '../core/errors.ts'
import type { EmbeddingQueue, Slice } from './embedding-queue.ts'
import type { EmbeddingThread } from './embedding-thread.ts'

export interface EmbeddingPoolOptions {
  readonly queue: EmbeddingQueue
  /** The first thread, already running. */
  readonly first: EmbeddingThread
  /** How many there may be. */
  readonly threads: number
  readonly start: () => Promise<EmbeddingThread>
}

/** A place whose thread cannot be started twice in a row is given up. */
const STARTS_IN_A_ROW = 2

/**
 * Works the queue until it is closed; resolves when all threads have ended. Threads beyond the first start when there is
 * work for them. One that dies fails the texts it had, and its place gets another.
 */
export async function runEmbeddingPool(options: EmbeddingPoolOptions): Promise<void> {
  const { queue, first, threads, start } = options
  const spare = Array.from({ length: threads - 1 }, () => work({ queue, start, thread: null }))
  await Promise.all([...spare, work({ queue, start, thread: first })])
  queue.close(unavailable('The local embedding model cannot be started. Run "ragstone doctor".'))
}

export function unavailable(message: string, cause?: unknown): AppError {
  return new AppError('provider_unavailable', message, { cause })
}

interface Place extends Pick<EmbeddingPoolOptions, 'queue' | 'start'> {
  thread: EmbeddingThread | null
}

async function work(place: Place): Promise<void> {
  let failedStarts = 0
  while (failedStarts < STARTS_IN_A_ROW) {
    const slice = await place.queue.take()
    if (slice === null) break
    try {
      place.thread ??= await place.start()
      failedStarts = 0
      slice.resolve(await place.thread.embed(slice.texts))
    } catch (error) {
      refuse(slice, error)
      if (place.thread === null) failedStarts += 1
      if (place.thread?.hasEnded() === true) place.thread = null
    }
  }
  await place.thread?.stop()
}

function refuse(slice: Slice, cause: unknown): void {
  slice.reject(unavailable('The local embedding model failed. Try again.', cause))
}
