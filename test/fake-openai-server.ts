import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'

export type StreamStep =
  | { readonly wait: number }
  | { readonly text: string }
  /** Put on the wire as it is. */
  | { readonly raw: string }
  /** One `data:` line with this object. */
  | { readonly event: object }
  | { readonly finish: string }
  | { readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number } }
  | { readonly done: true }
  /** Breaks the connection in the middle of the answer. */
  | { readonly cut: true }
  /** Says nothing more until the client goes away. */
  | { readonly hang: true }

export interface ScriptedAnswer {
  /** Default 200. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Before the status line. */
  readonly delayMs?: number
  /** Sent as JSON, or as it is when a string. */
  readonly body?: unknown
  /** An answer in server-sent events. */
  readonly steps?: readonly StreamStep[]
  /** Cuts the stream into pieces of so many bytes, wherever they fall. */
  readonly pieceBytes?: number
}

export interface RecordedRequest {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Readonly<Record<string, unknown>>
}

export interface FakeOpenAiServer {
  /** Ends in `/v1`. */
  readonly baseUrl: string
  readonly requests: readonly RecordedRequest[]
  /** Answers the next unscripted requests in turn; without a script it answers sensibly by itself. */
  script(...answers: readonly ScriptedAnswer[]): void
  /** Resolves when a client has broken off an answer that was not finished. */
  disconnected(): Promise<void>
  close(): Promise<void>
}

/** Ends a good answer. */
export const STOP: readonly StreamStep[] = [
  { finish: 'stop' },
  { usage: { prompt_tokens: 11, completion_tokens: 7 } },
  { done: true },
]

/** A real HTTP server on loopback that speaks OpenAI's chat completions (streamed) and embeddings. */
export async function startFakeOpenAi(
  options: {
    readonly dimensions?: number
    readonly answer?: string
    /** Asks for the first tool that it is given, once. */
    readonly callsTools?: boolean
  } = {},
): Promise<FakeOpenAiServer> {
  const { dimensions = 8, answer = 'The answer is 42 [1].', callsTools = false } = options
  const requests: RecordedRequest[] = []
  const scripted: ScriptedAnswer[] = []
  const disconnection = Promise.withResolvers<void>()

  function improvise(request: RecordedRequest): ScriptedAnswer {
    if (request.path.endsWith('/embeddings')) {
      return { body: embeddingsBody(asTexts(request.body['input']), dimensions) }
    }
    const name = callsTools ? toolToCall(request.body) : undefined
    if (name !== undefined) return { steps: toolCall(name) }
    return { steps: [...words(answer).map((text) => ({ text })), ...STOP] }
  }

  const server = createServer((incoming, response) => {
    response.on('close', () => {
      if (!response.writableFinished) disconnection.resolve()
    })
    void (async () => {
      const request = await record(incoming)
      requests.push(request)
      await send(response, scripted.shift() ?? improvise(request))
    })().catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No port.')

  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    requests,
    script: (...answers) => void scripted.push(...answers),
    disconnected: () => disconnection.promise,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** OpenAI's embeddings answer: a vector that depends on nothing but the text, not of unit length. */
export function embeddingsBody(texts: readonly string[], dimensions: number): object {
  return {
    object: 'list',
    model: 'fake-embedding',
    data: texts.map((text, index) => ({
      object: 'embedding',
      index,
      embedding: fakeVector(text, dimensions),
    })),
    usage: { prompt_tokens: texts.length, total_tokens: texts.length },
  }
}

export function fakeVector(text: string, dimensions: number): number[] {
  const vector = Array.from({ length: dimensions }, () => 0.1)
  for (const [index, character] of Array.from(text).entries()) {
    const place = (character.charCodeAt(0) + index) % dimensions
    vector[place] = (vector[place] ?? 0) + 1
  }
  return vector
}

async function record(incoming: IncomingMessage): Promise<RecordedRequest> {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part)
  const text = Buffer.concat(parts).toString()
  return {
    path: incoming.url ?? '',
    headers: incoming.headers,
    body: text === '' ? {} : JSON.parse(text),
  }
}

async function send(response: ServerResponse, answer: ScriptedAnswer): Promise<void> {
  await delay(answer.delayMs ?? 0)
  const streamed = answer.steps !== undefined
  const type = streamed ? 'text/event-stream' : 'application/json'
  response.writeHead(answer.status ?? 200, { 'content-type': type, ...answer.headers })
  if (answer.steps === undefined) {
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {}))
    return
  }
  response.flushHeaders()
  for (const step of answer.steps) {
    if ('hang' in step) return
    if ('cut' in step) {
      // What was written is to arrive first: a broken connection takes unread bytes with it.
      await delay(30)
      response.destroy()
      return
    }
    if ('wait' in step) await delay(step.wait)
    else await write(response, encode(step), answer.pieceBytes)
  }
  response.end()
}

type SpokenStep = Exclude<StreamStep, { wait: number } | { cut: true } | { hang: true }>

function encode(step: SpokenStep): string {
  if ('raw' in step) return step.raw
  if ('done' in step) return 'data: [DONE]\n\n'
  if ('event' in step) return `data: ${JSON.stringify(step.event)}\n\n`
  if ('text' in step) return chunk([{ index: 0, delta: { content: step.text } }])
  if ('finish' in step) return chunk([{ index: 0, delta: {}, finish_reason: step.finish }])
  const { prompt_tokens, completion_tokens } = step.usage
  return chunk([], { ...step.usage, total_tokens: prompt_tokens + completion_tokens })
}

function chunk(choices: readonly object[], usage: object | null = null): string {
  const body = { id: 'chatcmpl-fake', object: 'chat.completion.chunk', created: 1, model: 'fake' }
  return `data: ${JSON.stringify({ ...body, choices, usage })}\n\n`
}

async function write(response: ServerResponse, text: string, pieceBytes?: number): Promise<void> {
  const bytes = Buffer.from(text)
  const size = pieceBytes ?? bytes.length
  for (let start = 0; start < bytes.length; start += size) {
    response.write(bytes.subarray(start, start + size))
    // One turn of the loop a piece, or the kernel would join them again.
    if (size < bytes.length) await nextTurn()
  }
}

/** None where its result is there, or it is not to be called. */
function toolToCall({ tools, tool_choice, messages }: RecordedRequest['body']): string | undefined {
  const last = (messages as readonly { readonly role: string }[]).at(-1)
  if (tool_choice === 'none' || last?.role === 'tool') return undefined
  const [tool] = (tools ?? []) as readonly { readonly function: { readonly name: string } }[]
  return tool?.function.name
}

/** A model that asks for one tool, its arguments in two pieces. */
export function toolCall(name: string, id = 'call_1'): readonly StreamStep[] {
  return [
    callPiece({ id, type: 'function', function: { name, arguments: '' } }),
    callPiece({ function: { arguments: '{"part":' } }),
    callPiece({ function: { arguments: '"filter"}' } }),
    { finish: 'tool_calls' },
    ...STOP.slice(1),
  ]
}

function callPiece(piece: object): StreamStep {
  const delta = { tool_calls: [{ index: 0, ...piece }] }
  const choices = [{ index: 0, delta, finish_reason: null }]
  return {
    event: { id: 'x', object: 'chat.completion.chunk', created: 1, model: 'fake', choices },
  }
}

function words(text: string): string[] {
  return text.match(/\s*\S+/g) ?? []
}

function asTexts(input: unknown): string[] {
  return (Array.isArray(input) ? input : [input]).map(String)
}
