import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Budget } from '../core/budget.ts'
import { AppError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { Principal, Scope } from '../core/principal.ts'
import type { Tenant } from '../core/tenant.ts'
import { budgetsOf } from '../tenancy/budgets-of.ts'
import { effectiveLimits } from '../tenancy/effective-limits.ts'
import type { HttpDeps } from './http-deps.ts'
import { limitCaller, limitStranger } from './limit-requests.ts'
import { presentedBy } from './presented-by.ts'
import { notFound } from './not-found.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a caller needs for this route: `any` is any key, `public` none. A route that says nothing needs `admin`. */
    readonly scope?: Scope | 'any' | 'public'
  }
  interface FastifyRequest {
    /** Set on every route that is not public. */
    principal: Principal
    /** The principal's, and active. */
    tenant: Tenant
    /** Of the tier, the tenant and the key, the nearest one wins. */
    limits: Limits
    /** Of the tenant, the user and the key. */
    budgets: readonly Budget[]
  }
}

type AuthorizationDeps = Pick<
  HttpDeps,
  'authenticate' | 'principal' | 'rateLimiter' | 'tenantDirectory' | 'tiers' | 'userBudgetDirectory'
>

export function requireAuthorization(app: FastifyInstance, deps: AuthorizationDeps): void {
  app.decorateRequest('principal')
  app.decorateRequest('tenant')
  app.decorateRequest('limits')
  app.decorateRequest('budgets')
  app.addHook('onRequest', async (request, reply) => {
    const scope = request.routeOptions.config.scope ?? 'admin'
    // An unknown path is told as such to anybody, as OpenAI does.
    if (request.is404 || scope === 'public') return limitStranger(deps, { request, reply })
    request.principal = await identify(request, deps).catch(async (error: unknown) => {
      await limitStranger(deps, { request, reply })
      throw error
    })
    const { tenantId, limits } = request.principal
    request.tenant = await deps.tenantDirectory.requireActive(tenantId).catch(asUnknown(request))
    request.limits = effectiveLimits(deps.tiers, request.tenant, limits)
    // What is refused for want of a scope counts too.
    await limitCaller(deps, { request, reply })
    if (scope !== 'any') requireScope(request.principal, scope)
    request.budgets = await budgetsFor(deps, request)
  })
}

/** The key's own stand beside its tenant's, not in their place: what one key may use, the others may not use up. */
async function budgetsFor(
  { tiers, userBudgetDirectory }: Pick<HttpDeps, 'tiers' | 'userBudgetDirectory'>,
  { principal, tenant }: FastifyRequest,
): Promise<readonly Budget[]> {
  const { keyId, userId, limits } = principal
  const ofTenant = budgetsOf({ kind: 'tenant', id: tenant.id }, effectiveLimits(tiers, tenant))
  const ofKey = keyId === null ? [] : budgetsOf({ kind: 'key', id: keyId }, limits)
  if (userId === null) return [...ofTenant, ...ofKey]
  const userLimits = await userBudgetDirectory.find(tenant.id, userId)
  return [...ofTenant, ...budgetsOf({ kind: 'user', id: userId }, userLimits), ...ofKey]
}

/** Who calls. Throws `unauthenticated`. */
export async function identify(
  request: FastifyRequest,
  deps: Pick<AuthorizationDeps, 'authenticate' | 'principal'>,
): Promise<Principal> {
  const principal = await presented(request, deps)
  // So that a refusal below names who was refused.
  request.principal = principal
  // What is above the tenants is done from the operator's own, where it is recorded.
  const isAbove = request.routeOptions.config.scope === 'operator'
  const tenantId = isAbove ? undefined : request.headers[TENANT_HEADER]
  if (tenantId === undefined || tenantId === principal.tenantId) return principal
  requireScope(principal, 'operator')
  return { ...principal, tenantId: String(tenantId) }
}

/** An operator acts in the tenant that is named here, in place of his own. */
const TENANT_HEADER = 'ragstone-tenant'

/** Whoever named the tenant by hand hears that there is none; his credentials are well. */
const asUnknown =
  ({ headers }: FastifyRequest) =>
  (error: unknown) => {
    const named = headers[TENANT_HEADER]
    const isGone = error instanceof AppError && error.code === 'unauthenticated'
    throw isGone && named !== undefined
      ? notFound('tenant', String(named), 'Ragstone-Tenant')
      : error
  }

async function presented(
  request: FastifyRequest,
  deps: Pick<AuthorizationDeps, 'authenticate' | 'principal'>,
): Promise<Principal> {
  if (deps.principal === undefined) return deps.authenticate(presentedBy(request))
  // A fixed principal is for the socket in the data directory alone. The listener decides, never the
  // connection: a TCP connection that has just been reset has no remote address either.
  const address = request.server.server.address()
  if (address !== null && typeof address !== 'string') {
    throw new AppError('unauthenticated', 'This listener is for the local socket only.')
  }
  return deps.principal
}

/** `admin` is every right within the tenant; nothing but itself gives `operator`. */
export function mayDo({ scopes }: Principal, scope: Scope): boolean {
  return scopes.includes(scope) || (scope !== 'operator' && scopes.includes('admin'))
}

export function requireScope(principal: Principal, scope: Scope): void {
  if (mayDo(principal, scope)) return
  throw new AppError(
    'permission_denied',
    `This API key lacks the scope '${scope}': use one that has it.`,
  )
}
