import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { AppError } from '../../../core/errors.ts'
import type { Scope } from '../../../core/principal.ts'
import { mayDo } from '../../authorization.ts'
import { causeOf } from '../../calls.ts'
import { limitQuestions } from '../../limit-requests.ts'
import { openStream } from '../../open-stream.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { askTool } from './ask-tool.ts'
import { fetchTool } from './fetch-tool.ts'
import { requireKnownOrigin } from './known-origin.ts'
import { createMcpServer } from './mcp-server.ts'
import { searchTool } from './search-tool.ts'
import { sendRpcFailure } from './send-rpc-failure.ts'
import type { Tool } from './tool.ts'

const message = Type.Object({ jsonrpc: Type.Literal('2.0') })
/** Batches are of the protocol's older revisions. */
const messages = Type.Union([message, Type.Array(message, { minItems: 1, maxItems: 20 })])

/**
 * The Model Context Protocol over streamable HTTP, without sessions: any replica serves any request. So there is no
 * stream to GET and no session to DELETE, and both are answered 405, as every method without a route is.
 */
export function mcpRoutes(app: Routes, deps: RouteDeps): void {
  const tools = [searchTool(deps), fetchTool(deps), askTool(deps)]
  app.post(
    '/mcp',
    {
      // Its callers learn of it by the protocol, and its errors are not those of the API.
      schema: { hide: true, body: messages },
      config: { scope: 'any', audit: 'nothing' },
      errorHandler: sendRpcFailure,
      onRequest: requireKnownOrigin(deps.settings.allowedOrigins ?? []),
    },
    async (request, reply) => {
      const calls = [request.body].flat().map(readCall)
      for (const call of calls) requireScope(request, reply, scopeOf(call, tools))
      const questions = calls.filter((call) => toolOf(call, tools)?.scope === 'ask').length
      await limitQuestions(deps, { request, reply }, questions)
      return speak(deps, tools, { request, reply, streamed: calls.some(isSlow(tools)) })
    },
  )
}

interface RpcCall {
  readonly method: unknown
  /** Of the tool. */
  readonly name: unknown
}

function readCall(body: object): RpcCall {
  const { method, params } = body as { readonly method?: unknown; readonly params?: unknown }
  return { method, name: (Object(params) as { readonly name?: unknown }).name }
}

const toolOf = ({ method, name }: RpcCall, tools: readonly Tool[]) =>
  method === 'tools/call' ? tools.find((tool) => tool.name === name) : undefined

const isSlow = (tools: readonly Tool[]) => (call: RpcCall) => toolOf(call, tools)?.slow === true

/** Null for what every key may do: to begin, and to see what there is. */
function scopeOf(call: RpcCall, tools: readonly Tool[]): Scope | null {
  const reads = typeof call.method === 'string' && call.method.startsWith('resources/')
  return reads ? 'read' : (toolOf(call, tools)?.scope ?? null)
}

function requireScope(
  { principal }: FastifyRequest,
  reply: FastifyReply,
  scope: Scope | null,
): void {
  if (scope === null || mayDo(principal, scope)) return
  void reply.header(
    'www-authenticate',
    `Bearer realm="ragstone", error="insufficient_scope", scope="${scope}"`,
  )
  throw new AppError(
    'permission_denied',
    `This API key lacks the scope '${scope}': use one that has it.`,
  )
}

interface Exchange {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly streamed: boolean
}

/** The work ends when the response does: when all of it is sent, or its reader is gone. */
async function speak(deps: RouteDeps, tools: readonly Tool[], exchange: Exchange) {
  const { request, reply, streamed } = exchange
  const { keepAliveMs } = deps.settings
  const endStream = streamed ? await openStream(deps, request) : () => undefined
  const call = deps.calls.begin(reply)
  const server = createMcpServer(deps, tools, { request, signal: call.signal })
  const transport = new WebStandardStreamableHTTPServerTransport({
    enableJsonResponse: !streamed,
    ...(keepAliveMs === undefined ? {} : { keepAliveMs }),
  })
  const end = () => {
    endStream()
    call.end()
    void server.close()
  }
  if (reply.raw.closed) end()
  else reply.raw.once('close', end)
  const gone = Promise.withResolvers<never>()
  call.signal.addEventListener('abort', () => gone.reject(call.signal.reason))
  gone.promise.catch(() => undefined)
  try {
    await server.connect(transport)
    const options = { parsedBody: request.body }
    const response = await Promise.race([
      transport.handleRequest(protocolRequest(request), options),
      gone.promise,
    ])
    // Whether the connection is kept is for whoever speaks HTTP to say.
    response.headers.delete('connection')
    return reply.send(response)
  } catch (error) {
    throw causeOf(error, call.signal)
  }
}

/** What the protocol reads of a request; the rest has been seen to by now. */
function protocolRequest({ headers }: FastifyRequest): Request {
  const names = ['accept', 'content-type', 'mcp-protocol-version'] as const
  const given = names.flatMap((name) => {
    const value = headers[name]
    return typeof value === 'string' ? [[name, value] as [string, string]] : []
  })
  return new Request('http://localhost/mcp', { method: 'POST', headers: given })
}
