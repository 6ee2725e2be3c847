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

/** Null for a Unix socket. */
export function addressOf({ ip }: FastifyRequest): string | null {
  return ip === undefined || ip === '' ? null : ip
}

export function askedBy(request: FastifyRequest): Asked {
  const { principal, limits, budgets, id } = request
  const { tenantId, keyId, userId, serviceId, sessionId } = principal
  const address = addressOf(request)
  const caller = { keyId, userId, serviceId, sessionId, requestId: id, address, budgets }
  return { tenantId, caller, limits }
}
