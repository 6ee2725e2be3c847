export interface Exchange {
  readonly method: string
  /** As it was called, without the query. */
  readonly path: string
  readonly query: readonly string[]
  /** JSON, or the names of a form's fields. */
  readonly sent: unknown
  readonly status: number
  /** As the server called it. */
  readonly requestId: string | null
  readonly type: string
  /** JSON where it is that; text where not. */
  readonly received: unknown
}

export interface Recorder {
  readonly fetch: typeof fetch
  readonly exchanges: readonly Exchange[]
}

/** A fetch that keeps what was sent and what came back. */
export function createRecorder(): Recorder {
  const exchanges: Exchange[] = []
  return {
    exchanges,
    async fetch(input, init) {
      const response = await fetch(input, init)
      const url = new URL(input instanceof Request ? input.url : input)
      const type = response.headers.get('content-type')?.split(';')[0] ?? ''
      const text = await response.clone().text()
      exchanges.push({
        method: (init?.method ?? 'get').toLowerCase(),
        path: url.pathname,
        query: [...new Set([...url.searchParams.keys()].map((name) => name.replace(/\[.*/, '')))],
        sent: readSent(init?.body),
        status: response.status,
        requestId: response.headers.get('x-request-id'),
        type,
        received: type === 'application/json' ? (JSON.parse(text) as unknown) : text,
      })
      return response
    },
  }
}

function readSent(body: unknown): unknown {
  if (body instanceof FormData) {
    return [...new Set([...body.keys()].map((name) => name.replace(/\[.*/, '')))]
  }
  return typeof body === 'string' ? (JSON.parse(body) as unknown) : null
}

/** The path of the description that a called path is an instance of. */
export function templateOf(paths: readonly string[], called: string): string | undefined {
  return paths
    .toSorted((a, b) => a.split('{').length - b.split('{').length)
    .find((path) => new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`).test(called))
}

/** The objects of a stream's events, in order. */
export function eventsOf(text: string): readonly unknown[] {
  return [...text.matchAll(/^data: (.*)$/gm)]
    .map(([, data]) => data ?? '')
    .filter((data) => data !== '[DONE]')
    .map((data) => JSON.parse(data) as unknown)
}
