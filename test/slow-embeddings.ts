import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SlowEmbeddings {
  readonly environment: Readonly<Record<string, string>>
  /** Requests so far. */
  count(): number
  /** From here on everything is answered at once, what waits included. */
  release(): void
  close(): Promise<void>
}

const DIMENSIONS = 8

/** An embedding service over HTTP that answers nobody until it is told to. */
export async function startSlowEmbeddings(): Promise<SlowEmbeddings> {
  let isOpen = false
  let requests = 0
  const waiting: (() => void)[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString()))
    request.on('end', () => {
      requests += 1
      const answer = () => answerWith(response, JSON.parse(body) as { input: string[] })
      if (isOpen) answer()
      else waiting.push(answer)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    environment: {
      RAGSTONE_EMBEDDING_PROVIDER: 'openai-compatible',
      RAGSTONE_EMBEDDING_BASE_URL: `http://127.0.0.1:${port}/v1`,
      RAGSTONE_EMBEDDING_MODEL: 'slow',
      RAGSTONE_EMBEDDING_DIMENSIONS: String(DIMENSIONS),
      RAGSTONE_EMBEDDING_TIMEOUT_SECONDS: '300',
    },
    count: () => requests,
    release() {
      isOpen = true
      for (const answer of waiting.splice(0)) answer()
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function answerWith(
  response: ServerResponse,
  { input }: { readonly input: readonly string[] },
): void {
  const data = input.map((text, index) => ({
    object: 'embedding',
    index,
    embedding: Array.from({ length: DIMENSIONS }, (_, at) => ((text.length * (at + 3)) % 11) + 1),
  }))
  response.setHeader('content-type', 'application/json')
  response.end(
    JSON.stringify({
      object: 'list',
      data,
      model: 'slow',
      usage: { prompt_tokens: 1, total_tokens: 1 },
    }),
  )
}
