import type { WireTenant, WireTenantInUse } from '../../../contract/tenant.ts'
import type { Held } from '../../../core/caps.ts'
import type { Tenant } from '../../../core/tenant.ts'
import { effectiveLimits, type Tiers } from '../../../tenancy/effective-limits.ts'
import { unixSeconds } from '../../unix-seconds.ts'
import { wireLimits, wireOwnLimits } from '../../wire-limits.ts'

export function wireTenant(tiers: Tiers, tenant: Tenant): WireTenant {
  return {
    id: tenant.id,
    object: 'tenant',
    name: tenant.name,
    status: tenant.status,
    tier: tenant.tier,
    limits: wireOwnLimits(tenant.limits),
    effective_limits: wireLimits(effectiveLimits(tiers, tenant)),
    settings: { audit_questions: tenant.settings.auditQuestions },
    created_at: unixSeconds(tenant.createdAt),
  }
}

export function wireTenantInUse(tiers: Tiers, tenant: Tenant, held: Held): WireTenantInUse {
  const { files, storedBytes, chunks } = held
  return { ...wireTenant(tiers, tenant), used: { files, stored_bytes: storedBytes, chunks } }
}
