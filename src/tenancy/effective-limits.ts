import { UNLIMITED, type Limits } from '../core/limits.ts'
import type { Tenant } from '../core/tenant.ts'

export type Tiers = ReadonlyMap<string, Partial<Limits>>

/** The tier's limits, the tenant's own in their place, and the key's in place of both. */
export function effectiveLimits(
  tiers: Tiers,
  tenant: Pick<Tenant, 'limits' | 'tier'>,
  key: Partial<Limits> = {},
): Limits {
  // A tier that was taken out of the configuration must not lift every limit of its tenants.
  const tier = tiers.get(tenant.tier) ?? tiers.get('free') ?? {}
  return { ...UNLIMITED, ...tier, ...tenant.limits, ...key }
}
