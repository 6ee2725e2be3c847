import type { FastifyReply, FastifyRequest } from 'fastify'
import { logFailure } from '../../error-handling.ts'
import { wireFailure } from '../../wire-failure.ts'
import { rpcErrorOf } from './rpc-error.ts'

/** What is refused before the protocol is spoken: an HTTP status, with an error of JSON-RPC as its body. */
export function sendRpcFailure(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { status, retryAfterMs } = wireFailure(error)
  logFailure(error, status, request)
  if (retryAfterMs !== null) void reply.header('retry-after', Math.ceil(retryAfterMs / 1000))
  if (status === 401) void reply.header('www-authenticate', challenge(request))
  const { code, message, data } = rpcErrorOf(error)
  void reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(
      JSON.stringify({ jsonrpc: '2.0', id: idOf(request.body), error: { code, message, data } }),
    )
}

/** RFC 6750: who sent nothing is told no error. */
function challenge({ headers }: FastifyRequest): string {
  const wrong = headers.authorization === undefined ? '' : ', error="invalid_token"'
  return `Bearer realm="ragstone"${wrong}`
}

/** Null where it is not known which of the messages failed. */
function idOf(body: unknown): number | string | null {
  const { id } = Object(body) as { readonly id?: unknown }
  return typeof id === 'string' || typeof id === 'number' ? id : null
}
