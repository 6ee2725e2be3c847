import { EventSourceParserStream } from 'eventsource-parser/stream'
import { Agent, FormData, fetch, type Response } from 'undici'
import { CliError, EXIT } from './cli-error.ts'

export interface Call {
  readonly query?: Readonly<Record<string, string | number | undefined>>
  /** Sent as JSON, or as it is when it is a form. */
  readonly body?: object
  readonly signal?: AbortSignal
}

export interface ServerEvent {
  readonly name: string | undefined
  readonly data: unknown
}

type Method = 'DELETE' | 'GET' | 'POST'

/** The server's HTTP interface. Errors are CliErrors that say what to do. */
export interface Client {
  /** The caller says what shape the answer has: the server's tests hold it to that. */
  send<Result>(method: Method, path: string, call?: Call): Promise<Result>
  stream(method: Method, path: string, call?: Call): AsyncIterable<ServerEvent>
  /** The answer's bytes, as they come. */
  download(path: string, call?: Call): AsyncIterable<Uint8Array>
}

export interface ClientOptions {
  /** Where paths begin; the host is not looked at when a socket is named. */
  readonly origin: string
  readonly socketPath?: string
  readonly apiKey?: string
  /** Acts in this tenant, as an operator may. */
  readonly tenantId?: string
}

/** No time limit of its own: a model may think for minutes, and Ctrl-C ends it. */
export function createClient({ origin, socketPath, apiKey, tenantId }: ClientOptions): Client & {
  close(): Promise<void>
} {
  const patience = { headersTimeout: 0, bodyTimeout: 0 }
  const dispatcher = new Agent(
    socketPath === undefined ? patience : { ...patience, connect: { socketPath } },
  )
  const address = socketPath ?? origin
  const identity = {
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    ...(tenantId === undefined ? {} : { 'ragstone-tenant': tenantId }),
  }

  async function open(method: Method, path: string, call: Call): Promise<Response> {
    try {
      return await fetch(addressOf(origin, path, call), {
        ...bodyOf(call.body, identity),
        method,
        dispatcher,
        signal: call.signal ?? null,
      })
    } catch (error) {
      if (call.signal?.aborted) throw new CliError('Stopped.', EXIT.interrupted)
      throw new CliError(
        `No server answers at ${address} (${reasonOf(error)}). Start one with \`ragstone serve\`, or check --url.`,
        EXIT.unreachable,
      )
    }
  }

  return {
    send: async <Result>(method: Method, path: string, call: Call = {}) => {
      const response = await open(method, path, call)
      if (!response.ok) throw await refusal(response)
      return (await response.json()) as Result
    },
    stream: async function* (method, path, call = {}) {
      const response = await open(method, path, call)
      if (!response.ok || response.body === null) throw await refusal(response)
      const events = response.body
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(new EventSourceParserStream())
      for await (const { event, data } of guarded(events, call.signal)) {
        if (data === '[DONE]') return
        yield { name: event, data: JSON.parse(data) as unknown }
      }
    },
    download: async function* (path, call = {}) {
      const response = await open('GET', path, call)
      if (!response.ok || response.body === null) throw await refusal(response)
      yield* guarded(response.body as AsyncIterable<Uint8Array>, call.signal)
    },
    close: () => dispatcher.close(),
  }
}

async function* guarded<Item>(
  items: AsyncIterable<Item>,
  signal: AbortSignal | undefined,
): AsyncIterable<Item> {
  try {
    yield* items
  } catch (error) {
    if (signal?.aborted) throw new CliError('Stopped.', EXIT.interrupted)
    throw new CliError(`The server broke off in the middle (${reasonOf(error)}). Try again.`)
  }
}

function addressOf(origin: string, path: string, { query = {} }: Call): URL {
  const url = new URL(path.replace(/^\//, ''), origin.endsWith('/') ? origin : `${origin}/`)
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  return url
}

function bodyOf(body: object | undefined, identity: Readonly<Record<string, string>>) {
  if (body === undefined) return { headers: identity }
  // A form brings its own content type, with the boundary in it.
  if (body instanceof FormData) return { headers: identity, body }
  const headers = { ...identity, 'content-type': 'application/json' }
  return { headers, body: JSON.stringify(body) }
}

async function refusal(response: Response): Promise<CliError> {
  const text = await response.text()
  const sentence = messageIn(text) ?? `The server answered ${response.status}.`
  if (response.status === 401) {
    return new CliError(`${sentence} Give the key with --api-key or RAGSTONE_API_KEY.`)
  }
  return new CliError(response.status >= 500 ? `${sentence} The server's log says more.` : sentence)
}

/** OpenAI's envelope: { error: { message } }. */
function messageIn(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown } }
    return typeof error?.message === 'string' ? error.message : undefined
  } catch {
    return undefined
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (cause instanceof Error && 'code' in cause) return String(cause.code)
  return cause instanceof Error ? cause.message : String(cause)
}
