import type { FastifyRequest } from 'fastify'
import type { HttpDeps } from './http-deps.ts'

/** Takes one of the streams that the caller may have open; resolves with the way to end it. Throws `rate_limited`. */
export function openStream(
  { streamCap, principal }: Pick<HttpDeps, 'principal' | 'streamCap'>,
  request: FastifyRequest,
): Promise<() => void> {
  const { keyId, sessionId, userId, tenantId } = request.principal
  const of =
    keyId !== null
      ? `key:${keyId}`
      : sessionId !== null
        ? `session:${sessionId}`
        : `user:${tenantId}:${userId ?? 'service'}`
  // The owner of the machine, who comes over the local socket, is never held up.
  const limit = principal === undefined ? request.limits.concurrentStreams : null
  return streamCap.open({ of, id: request.id, limit })
}
