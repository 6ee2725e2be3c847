import { AppError } from '../core/errors.ts'
import type { Tenants } from '../core/ports/tenants.ts'
import type { Tenant } from '../core/tenant.ts'

/** The tenants as requests need them: known without a round trip while warm. */
export interface TenantDirectory {
  /** Throws `tenant_suspended` unless it is active, `unauthenticated` when there is none. */
  requireActive(id: string): Promise<Tenant>
  /** At once on this process; within `WARM_MILLISECONDS` on the others. */
  forget(id: string): void
}

/** How long a suspended tenant may still be served by another process, in exchange for a look-up saved per request. */
const WARM_MILLISECONDS = 5_000
const WARM_TENANTS = 10_000

export function createTenantDirectory({
  tenants,
  now = Date.now,
}: {
  readonly tenants: Pick<Tenants, 'find'>
  readonly now?: () => number
}): TenantDirectory {
  /** Oldest use first. */
  const warm = new Map<
    string,
    { readonly tenant: Promise<Tenant | null>; readonly until: number }
  >()

  const find = (id: string): Promise<Tenant | null> => {
    const known = warm.get(id)
    warm.delete(id)
    if (known !== undefined && known.until > now()) {
      warm.set(id, known)
      return known.tenant
    }
    const tenant = tenants.find(id)
    warm.set(id, { tenant, until: now() + WARM_MILLISECONDS })
    // A failure is not worth remembering.
    tenant.catch(() => warm.delete(id))
    const oldest = warm.size > WARM_TENANTS ? warm.keys().next().value : undefined
    if (oldest !== undefined) warm.delete(oldest)
    return tenant
  }

  return {
    async requireActive(id) {
      const tenant = await find(id)
      if (tenant === null) {
        throw new AppError('unauthenticated', 'The tenant of these credentials no longer exists.')
      }
      if (tenant.status !== 'active') {
        throw new AppError(
          'tenant_suspended',
          'This tenant is suspended; whoever runs the server can resume it.',
        )
      }
      return tenant
    },
    forget: (id) => void warm.delete(id),
  }
}
