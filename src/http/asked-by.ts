import type { FastifyRequest } from 'fastify'
import type { Caller } from '../core/caller.ts'

/** Whose documents, and for whom: what the pipelines are told of a request. */
export interface Asked {
  readonly tenantId: string
  readonly caller: Caller
}

export function askedBy({ principal, id, ip }: FastifyRequest): Asked {
  const { tenantId, keyId, userId, sessionId } = principal
  // A Unix socket has no address.
  const address = ip === undefined || ip === '' ? null : ip
  return { tenantId, caller: { keyId, userId, sessionId, requestId: id, address } }
}
