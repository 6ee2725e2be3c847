import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import {
  CallToolRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
  type CallToolResult,
} from '@modelcontextprotocol/sdk/types.js'
import type { FastifyRequest } from 'fastify'
import { askedBy } from '../../asked-by.ts'
import { mayDo } from '../../authorization.ts'
import { causeOf } from '../../calls.ts'
import { logFailure } from '../../error-handling.ts'
import type { HttpDeps } from '../../http-deps.ts'
import { wireFailure } from '../../wire-failure.ts'
import { RESOURCE_TEMPLATES, listResources, readResource } from './resources.ts'
import { RpcError, dataOf, invalidParams, rpcErrorOf } from './rpc-error.ts'
import type { Tool, ToolCall } from './tool.ts'

const INSTRUCTIONS =
  "The organisation's own documents. `search` finds passages, `fetch` reads a whole document, `ask` gives an answer with citations. Byte spans count in the extracted text that `fetch` gives: cite with them."

interface ServedCall {
  readonly request: FastifyRequest
  readonly signal: AbortSignal
}

/** One server for one request: what is known of a caller is never there for the next. */
export function createMcpServer(
  deps: HttpDeps,
  tools: readonly Tool[],
  { request, signal }: ServedCall,
): McpServer {
  const asked = askedBy(request)
  const { tenantId } = asked
  const origin = `${request.protocol}://${request.host}`
  const mcp = new McpServer(
    { name: 'ragstone', title: 'Ragstone', version: deps.version },
    {
      capabilities: { tools: {}, resources: {} },
      instructions: INSTRUCTIONS,
      // Checks what clients answer to forms; none is ever sent, and the default takes a compiler with it.
      jsonSchemaValidator: {
        getValidator() {
          throw new Error('No form is sent to clients.')
        },
      },
    },
  )
  const { server } = mcp
  const orRpcError = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      return await work
    } catch (error) {
      const cause = causeOf(error, signal)
      if (!(cause instanceof RpcError)) logFailure(cause, wireFailure(cause).status, request)
      throw rpcErrorOf(cause)
    }
  }

  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: tools
      .filter(({ scope }) => mayDo(request.principal, scope))
      .map(({ listing }) => listing),
  }))
  server.setRequestHandler(
    CallToolRequestSchema,
    async ({ params }, { _meta, sendNotification }) => {
      const tool = tools.find(({ name }) => name === params.name)
      if (tool === undefined)
        throw invalidParams(`There is no tool '${params.name.slice(0, 100)}'.`)
      let told = 0
      const progress = async (message: string) => {
        const progressToken = _meta?.progressToken
        if (progressToken === undefined) return
        const at = { progressToken, progress: ++told, message }
        await sendNotification({ method: 'notifications/progress', params: at })
      }
      return runTool(tool, params.arguments, {
        request,
        call: { asked, tenantId, origin, signal, progress },
      })
    },
  )
  server.setRequestHandler(ListResourcesRequestSchema, ({ params }) =>
    orRpcError(listResources(deps, tenantId, params?.cursor)),
  )
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => RESOURCE_TEMPLATES)
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }) =>
    orRpcError(readResource(deps, tenantId, params.uri)),
  )
  return mcp
}

/** A tool that fails says so in its result: that is what the model gets to read, and can act on. */
async function runTool(
  tool: Tool,
  input: unknown,
  { request, call }: { readonly request: FastifyRequest; readonly call: ToolCall },
): Promise<CallToolResult> {
  try {
    const result = await tool.run(input, call)
    return { content: [{ type: 'text', text: JSON.stringify(result) }], structuredContent: result }
  } catch (error) {
    const cause = causeOf(error, call.signal)
    const failure = wireFailure(cause)
    logFailure(cause, failure.status, request)
    return {
      isError: true,
      content: [{ type: 'text', text: failure.message }],
      _meta: { 'ragstone/error': dataOf(failure) },
    }
  }
}
