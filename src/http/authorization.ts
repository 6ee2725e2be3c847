import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../core/errors.ts'
import type { Principal, Scope } from '../core/principal.ts'
import type { HttpDeps } from './http-deps.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a caller needs for this route: `any` is any key, `public` none. A route that says nothing needs `admin`. */
    readonly scope?: Scope | 'any' | 'public'
  }
  interface FastifyRequest {
    /** Set on every route that is not public. */
    principal: Principal
  }
}

type AuthorizationDeps = Pick<HttpDeps, 'authenticate' | 'principal'>

export function requireAuthorization(app: FastifyInstance, deps: AuthorizationDeps): void {
  app.decorateRequest('principal')
  app.addHook('onRequest', async (request) => {
    // An unknown path is told as such to anybody, as OpenAI does.
    if (request.is404) return
    const scope = request.routeOptions.config.scope ?? 'admin'
    if (scope === 'public') return
    request.principal = await identify(request, deps)
    if (scope !== 'any') requireScope(request.principal, scope)
  })
}

/** Who calls. Throws `unauthenticated`. */
export async function identify(
  request: FastifyRequest,
  deps: AuthorizationDeps,
): Promise<Principal> {
  if (deps.principal === undefined) return deps.authenticate(request.headers.authorization)
  // A fixed principal is for the socket in the data directory alone. The listener decides, never the
  // connection: a TCP connection that has just been reset has no remote address either.
  const address = request.server.server.address()
  if (address !== null && typeof address !== 'string') {
    throw new AppError('unauthenticated', 'This listener is for the local socket only.')
  }
  return deps.principal
}

export function mayDo(principal: Principal, scope: Scope): boolean {
  return principal.scopes.includes(scope) || principal.scopes.includes('admin')
}

function requireScope(principal: Principal, scope: Scope): void {
  if (mayDo(principal, scope)) return
  throw new AppError(
    'permission_denied',
    `This API key lacks the scope '${scope}': use one that has it.`,
  )
}
