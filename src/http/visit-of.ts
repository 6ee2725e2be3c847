import type { FastifyRequest } from 'fastify'
import type { Manager } from '../auth/people.ts'
import { DEVICE_COOKIES, readCookie } from '../auth/session-cookie.ts'
import type { Visit } from '../auth/visit.ts'
import { actorOf } from './actor-of.ts'
import { presentedBy } from './presented-by.ts'

export function visitOf(request: FastifyRequest): Visit {
  const { address, headers } = presentedBy(request)
  return {
    requestId: request.id,
    address,
    userAgent: request.headers['user-agent'] ?? null,
    device: readCookie(headers, DEVICE_COOKIES) ?? null,
  }
}

export function managerOf(request: FastifyRequest): Manager {
  const { principal } = request
  return {
    tenantId: principal.tenantId,
    userId: principal.userId,
    role: principal.role,
    scopes: principal.scopes,
    actor: actorOf(principal),
    visit: visitOf(request),
  }
}
