import { createServedLately } from '../core/served-lately.ts'

/** Some texts of one request, taken by one thread at once. Everybody else waits for at most this. */
export interface Slice {
  readonly texts: readonly string[]
  resolve(vectors: readonly Float32Array[]): void
  reject(error: unknown): void
}

export interface EmbeddingRequest {
  readonly texts: readonly string[]
  readonly kind: 'passage' | 'query'
  readonly signal: AbortSignal | undefined
  /** Of whoever sits and waits for it. */
  readonly tenantId?: string | undefined
}

export interface EmbeddingQueue {
  /** One vector a text, in order. Aborting drops what no thread has taken yet, and rejects at once. */
  add(request: EmbeddingRequest): Promise<readonly Float32Array[]>
  /** Waits for work; null once the queue is closed. */
  take(): Promise<Slice | null>
  /** Rejects everything that waits and whatever is added later. */
  close(reason: Error): void
}

/** About 250 tokens, 20 ms of work; with the text that fills it, what a question may have to wait for. */
const SLICE_CHARACTERS = 1_000
/** So many slices of what somebody waits for, then one of what nobody waits for. */
const BACKGROUND_EVERY = 8

interface Waiting {
  readonly tenantId: string
  readonly texts: readonly string[]
  next: number
  readonly vectors: (Float32Array | undefined)[]
  missing: number
  settled: boolean
  finish(): void
  fail(error: unknown): void
}

/**
 * Questions before passages, passages that somebody waits for before those of an ingestion. Within one of these the
 * tenant goes first that had the least done lately, whatever the others have waiting; its requests take turns, so that a
 * long one does not stop a short one.
 */
export function createEmbeddingQueue(now?: () => number): EmbeddingQueue {
  const served = createServedLately(now)
  const questions: Waiting[] = []
  const awaited: Waiting[] = []
  const background: Waiting[] = []
  const takers: ((slice: Slice | null) => void)[] = []
  const unfinished = new Set<Waiting>()
  let closed: Error | null = null
  let turns = 0

  function nextSlice(): Slice | null {
    turns += 1
    const lines =
      turns % BACKGROUND_EVERY === 0
        ? [questions, background, awaited]
        : [questions, awaited, background]
    for (const line of lines) {
      const request = takeNext(line)
      if (request === null) continue
      const slice = cut(request)
      served.note(request.tenantId, charactersOf(slice.texts))
      if (request.next < request.texts.length) line.push(request)
      return slice
    }
    return null
  }

  function takeNext(line: Waiting[]): Waiting | null {
    const lately = served.amounts()
    let next: Waiting | null = null
    let least = Number.POSITIVE_INFINITY
    for (const request of line) {
      const amount = request.settled ? Number.POSITIVE_INFINITY : lately(request.tenantId)
      if (amount < least) [next, least] = [request, amount]
    }
    const place = next === null ? line.length : line.indexOf(next)
    line.splice(place, 1)
    return next
  }

  function offer(): void {
    while (takers.length > 0) {
      const slice = nextSlice()
      if (slice === null) return
      // The thread that was busy last is warm; those never used stay unborn until they are needed.
      takers.pop()?.(slice)
    }
  }

  return {
    async add({ texts, kind, signal, tenantId }) {
      signal?.throwIfAborted()
      if (closed !== null) throw closed
      if (texts.length === 0) return []
      const { promise, resolve, reject } = Promise.withResolvers<readonly Float32Array[]>()
      const request = createWaiting({ texts, tenantId: tenantId ?? '' }, { resolve, reject })
      const abort = (): void => request.fail(signal?.reason)
      signal?.addEventListener('abort', abort, { once: true })
      unfinished.add(request)
      const line = tenantId === undefined ? background : awaited
      ;(kind === 'query' ? questions : line).push(request)
      offer()
      return promise.finally(() => {
        unfinished.delete(request)
        signal?.removeEventListener('abort', abort)
      })
    },
    async take() {
      if (closed !== null) return null
      return nextSlice() ?? new Promise((resolve) => takers.push(resolve))
    },
    close(reason) {
      if (closed !== null) return
      closed = reason
      for (const request of unfinished) request.fail(reason)
      for (const taker of takers.splice(0)) taker(null)
    },
  }
}

function createWaiting(
  { texts, tenantId }: Pick<Waiting, 'tenantId' | 'texts'>,
  outcome: {
    resolve(vectors: readonly Float32Array[]): void
    reject(error: unknown): void
  },
): Waiting {
  const request: Waiting = {
    tenantId,
    texts,
    next: 0,
    vectors: Array.from({ length: texts.length }),
    missing: texts.length,
    settled: false,
    finish() {
      request.settled = true
      outcome.resolve(request.vectors.filter((vector) => vector !== undefined))
    },
    fail(error) {
      request.settled = true
      outcome.reject(error)
    },
  }
  return request
}

function charactersOf(texts: readonly string[]): number {
  return texts.reduce((sum, { length }) => sum + length, 0)
}

function cut(request: Waiting): Slice {
  const start = request.next
  let characters = 0
  do {
    characters += request.texts[request.next]?.length ?? 0
    request.next += 1
  } while (request.next < request.texts.length && characters < SLICE_CHARACTERS)
  const texts = request.texts.slice(start, request.next)
  return {
    texts,
    resolve(vectors) {
      for (const [index, vector] of vectors.entries()) request.vectors[start + index] = vector
      request.missing -= texts.length
      if (request.missing === 0 && !request.settled) request.finish()
    },
    reject(error) {
      if (!request.settled) request.fail(error)
    },
  }
}
