import type { CapsOf } from '../core/caps.ts'
import { effectiveLimits, type Tiers } from './effective-limits.ts'
import type { TenantDirectory } from './tenant-directory.ts'

/** Of the tenant and its tier; known without a round trip while warm. A key's own limits cap nothing that is kept. */
export function createCapsOf(deps: {
  readonly tenantDirectory: Pick<TenantDirectory, 'requireActive'>
  readonly tiers: Tiers
}): CapsOf {
  return async (tenantId) =>
    effectiveLimits(deps.tiers, await deps.tenantDirectory.requireActive(tenantId))
}
