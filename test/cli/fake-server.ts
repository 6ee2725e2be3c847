import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface FakeFile {
  readonly id: string
  readonly filename: string
  readonly content: Buffer
  sourceKey: string | null
  polls: number
}

export interface FakeServer {
  readonly url: string
  /** Every request so far: `POST /v1/files`. */
  readonly requests: readonly string[]
  readonly uploads: readonly string[]
  close(): Promise<void>
}

const KEY = 'rs_test'

/** As much of the HTTP interface as the command line speaks, in memory; files containing `bad` fail. */
export async function startFakeServer(): Promise<FakeServer> {
  const stores = new Map<string, string>()
  const files = new Map<string, FakeFile>()
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    void respond(request, response).catch((error: unknown) => {
      send(response, 500, { error: { message: String(error) } })
    })
  })

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.authorization !== `Bearer ${KEY}`) {
      send(response, 401, { error: { message: 'The API key is not valid.' } })
      return
    }
    const url = new URL(request.url ?? '/', 'http://localhost')
    const body = await read(request)
    const route = `${request.method} ${url.pathname.replace(/(vs|file)[_-]\d+/g, ':$1')}`
    const [, storeId, fileId] =
      /vector_stores\/(vs_\d+)(?:\/files\/(file-\d+))?/.exec(url.pathname) ?? []
    const answer = routes(body, url, { storeId: storeId ?? '', fileId: fileId ?? '' })[route]
    if (route === 'POST /v1/responses') stream(response, body)
    else if (answer === undefined)
      send(response, 404, { error: { message: 'There is no such thing.' } })
    else send(response, 200, answer())
  }

  const page = (data: readonly { id: string }[], url: URL) => {
    const after = url.searchParams.get('after')
    const from = after === null ? 0 : data.findIndex(({ id }) => id === after) + 1
    return { object: 'list', data: data.slice(from, from + 2), has_more: data.length > from + 2 }
  }

  function routes(
    body: Buffer,
    url: URL,
    { storeId, fileId }: { storeId: string; fileId: string },
  ): Record<string, () => object> {
    const json = () => JSON.parse(body.toString()) as Record<string, string>
    return {
      'GET /v1/vector_stores': () =>
        page(
          [...stores].map(([id, name]) => storeOf(id, name)),
          url,
        ),
      'POST /v1/vector_stores': () => {
        const id = `vs_${stores.size + 1}`
        stores.set(id, json()['name'] ?? '')
        return storeOf(id, stores.get(id) ?? '')
      },
      'DELETE /v1/vector_stores/:vs': () => ({ deleted: stores.delete(storeId) }),
      'POST /v1/vector_stores/:vs/search': () => ({ data: [foundIn(storeId)] }),
      'GET /v1/files': () =>
        page(
          [...files.values()].map(({ id, filename }) => ({
            id,
            filename,
            bytes: 5,
            created_at: 0,
          })),
          url,
        ),
      'POST /v1/files': () => {
        const text = body.toString('latin1')
        const filename = /filename="([^"]*)"/.exec(text)?.[1] ?? ''
        const start = body.indexOf('\r\n\r\n', body.indexOf('filename=')) + 4
        const content = body.subarray(start, body.indexOf('\r\n--', start))
        const id = `file-${files.size + 1}`
        files.set(id, { id, filename, content, sourceKey: null, polls: 0 })
        return { id, filename, bytes: content.length }
      },
      'POST /v1/vector_stores/:vs/files': () => {
        const file = files.get(json()['file_id'] ?? '')
        if (file !== undefined) file.sourceKey = json()['source_key'] ?? null
        return documentOf(file)
      },
      'GET /v1/vector_stores/:vs/files/:file': () => documentOf(files.get(fileId)),
      'GET /v1/vector_stores/:vs/files': () => page([...files.values()].map(documentOf), url),
      'GET /api/vector_stores/:vs/documents': () => {
        const key = url.searchParams.get('source_key')
        return {
          data: [...files.values()]
            .filter((file) => file.sourceKey === key)
            .toReversed()
            .map(documentOf),
        }
      },
      'GET /v1/models': () => ({
        data: [
          {
            id: 'extractive',
            owned_by: 'ragstone',
            ragstone: { kind: 'extractive', context_tokens: null },
          },
        ],
      }),
      'POST /api/keys': () => ({ id: 'key_1', key: 'rs_made', received: json() }),
      'GET /api/keys': () => ({
        data: [
          {
            id: 'key_1',
            name: 'laptop',
            scopes: ['ask', 'read'],
            vector_store_ids: null,
            created_at: 0,
            expires_at: 60,
            revoked_at: null,
            last_used_at: null,
          },
        ],
        has_more: false,
      }),
      'POST /api/keys/key_1/rotate': () => ({ id: 'key_1', key: 'rs_next', received: json() }),
      'POST /api/keys/key_1/revoke': () => ({ id: 'key_1' }),
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get uploads() {
      return [...files.values()].map(({ filename }) => filename)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function read(request: IncomingMessage): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>))
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function storeOf(id: string, name: string) {
  const file_counts = { in_progress: 0, completed: 2, failed: 0, cancelled: 0, total: 2 }
  return { id, name, usage_bytes: 1234, created_at: 0, file_counts }
}

/** In progress when first asked, done when asked again. */
function documentOf(file: FakeFile | undefined) {
  if (file === undefined) throw new Error('no such file')
  const bad = file.content.includes('bad')
  const ended = bad ? 'failed' : 'completed'
  file.polls += 1
  return {
    id: file.id,
    status: file.polls > 1 ? ended : 'in_progress',
    created_at: 0,
    usage_bytes: file.content.length,
    last_error: bad ? { code: 'invalid_file', message: 'The file is encrypted.' } : null,
    ragstone: {
      filename: file.filename,
      sha256: createHash('sha256').update(file.content).digest('hex'),
      stage: 'embed',
      media_type: 'text/plain',
      chunks: 3,
      chunks_embedded: 2,
    },
  }
}

function foundIn(storeId: string) {
  return {
    file_id: 'file-1',
    filename: `${storeId}.txt`,
    score: storeId === 'vs_2' ? 0.9 : 0.5,
    content: [{ type: 'text', text: 'a passage\nof text' }],
    ragstone: { vector_store_id: storeId, start: 10, end: 27, page: 4, headings: [] },
  }
}

function stream(response: ServerResponse, body: Buffer): void {
  const { input, tools } = JSON.parse(body.toString()) as {
    input: string
    tools: readonly { vector_store_ids: readonly string[] }[]
  }
  const proof = {
    number: 1,
    start: 3,
    end: 12,
    page: 7,
    quote: 'the bytes',
    score: 0.8,
    vector_store_id: 'vs_1',
  }
  const events = [
    { type: 'response.created', response: { id: 'resp_1' } },
    { type: 'response.output_text.delta', delta: 'Sixty days' },
    { type: 'response.output_text.delta', delta: ' [1].' },
    {
      type: 'response.output_text.annotation.added',
      annotation: {
        type: 'file_citation',
        file_id: 'file-1',
        filename: 'lease.pdf',
        index: 11,
        ragstone: proof,
      },
    },
    {
      type: 'response.completed',
      response: {
        id: 'resp_1',
        model: `over ${tools[0]?.vector_store_ids.join()}`,
        ragstone: { notices: ['Words alone were searched.'] },
      },
    },
  ]
  const failed = { type: 'response.failed', response: { error: { message: 'The model is away.' } } }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(': keep-alive\n\n')
  const shown =
    input === 'cut' || input === 'hang' ? events.slice(0, 3) : input === 'fail' ? [failed] : events
  for (const event of shown)
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  if (input === 'hang') return
  response.end()
}
