import type { FastifyRequest } from 'fastify'
import type { Caller } from '../core/caller.ts'
import type { Limits } from '../core/limits.ts'

/** Whose documents, and for whom: what the pipelines are told of a request. */
export interface Asked {
  readonly tenantId: string
  readonly caller: Caller
  /** What may be used for it. */
  readonly limits: Limits
}

export function askedBy({ principal, limits, budgets, id, ip }: FastifyRequest): Asked {
  const { tenantId, keyId, userId, sessionId } = principal
  // A Unix socket has no address.
  const address = ip === undefined || ip === '' ? null : ip
  const caller = { keyId, userId, sessionId, requestId: id, address, budgets }
  return { tenantId, caller, limits }
}
