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

interface Waiting {
  readonly texts: readonly string[]
  next: number
  readonly vectors: (Float32Array | undefined)[]
  missing: number
  settled: boolean
  finish(): void
  fail(error: unknown): void
}

/** Questions before passages; requests of one kind take turns, so that a long ingestion does not stop a short one. */
export function createEmbeddingQueue(): EmbeddingQueue {
  const waiting = { query: [] as Waiting[], passage: [] as Waiting[] }
  const takers: ((slice: Slice | null) => void)[] = []
  const unfinished = new Set<Waiting>()
  let closed: Error | null = null

  function nextSlice(): Slice | null {
    for (const line of [waiting.query, waiting.passage]) {
      for (let request = line.shift(); request !== undefined; request = line.shift()) {
        if (request.settled) continue
        const slice = cut(request)
        if (request.next < request.texts.length) line.push(request)
        return slice
      }
    }
    return null
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
    async add({ texts, kind, signal }) {
      signal?.throwIfAborted()
      if (closed !== null) throw closed
      if (texts.length === 0) return []
      const { promise, resolve, reject } = Promise.withResolvers<readonly Float32Array[]>()
      const request = createWaiting(texts, { resolve, reject })
      const abort = (): void => request.fail(signal?.reason)
      signal?.addEventListener('abort', abort, { once: true })
      unfinished.add(request)
      waiting[kind].push(request)
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
  texts: readonly string[],
  outcome: {
    resolve(vectors: readonly Float32Array[]): void
    reject(error: unknown): void
  },
): Waiting {
  const request: Waiting = {
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
