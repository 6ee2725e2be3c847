import type { FastifyRequest } from 'fastify'
import { createApiKey } from '../../../auth/api-key.ts'
import type { TenantCreate } from '../../../contract/tenant.ts'
import { createId } from '../../../core/id.ts'
import type { Scope } from '../../../core/principal.ts'
import { DEFAULT_TENANT_SETTINGS, type Tenant } from '../../../core/tenant.ts'
import type { HttpDeps } from '../../http-deps.ts'
import { noteTenant } from './note-tenant.ts'
import { readChange } from './read-change.ts'
import { wireTenantInUse } from './wire-tenant.ts'

const FIRST_SCOPES: readonly Scope[] = ['admin', 'ask', 'ingest', 'read']

/**
 * The tenant and its first key are two transactions, because they are two tenants': a server that dies between them
 * leaves a tenant without a key, and an operator makes one in it by the header Ragstone-Tenant.
 */
export async function createTenant(
  deps: Pick<
    HttpDeps,
    'apiKeys' | 'auditLog' | 'database' | 'settings' | 'tenants' | 'tenantStorage' | 'tiers'
  >,
  request: FastifyRequest,
  body: TenantCreate,
) {
  const { database, tenants, apiKeys, auditLog, tenantStorage, tiers, settings } = deps
  const createdAt = new Date()
  const tenant: Tenant = {
    id: createId('ten_'),
    status: 'active',
    tier: settings.defaultTier,
    limits: {},
    settings: DEFAULT_TENANT_SETTINGS,
    createdAt,
    name: body.name.trim(),
    ...readChange(tiers, body, DEFAULT_TENANT_SETTINGS),
  }
  await database.transact(request.principal.tenantId, async (transaction) => {
    await tenants.insert(transaction, tenant)
    const { name, tier } = tenant
    await noteTenant(auditLog, transaction, {
      request,
      action: 'tenant.create',
      target: tenant.id,
      detail: { name, tier },
    })
  })
  const { id, key, hash } = createApiKey()
  const held = await database.transact(tenant.id, async (transaction) => {
    const scopes = FIRST_SCOPES
    await apiKeys.insert(transaction, {
      id,
      name: 'first',
      hash,
      scopes,
      createdAt,
      expiresAt: null,
    })
    await noteTenant(auditLog, transaction, { request, action: 'api_key.create', target: id })
    return tenantStorage.held(transaction)
  })
  return { ...wireTenantInUse(tiers, tenant, held), key }
}
