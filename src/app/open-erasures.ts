import type { AuditLog } from '../core/ports/audit.ts'
import type { Database } from '../core/ports/database.ts'
import type { TenantJobs } from '../core/ports/queue.ts'
import type { TenantBlobs, TenantErasures } from '../core/ports/tenant-erasures.ts'
import type { Backend } from '../storage/backend.ts'
import { createTenantErasures } from '../storage/tenant-erasures.ts'
import { createEraseTenants, type EraseTenants } from '../tenancy/erase-tenants.ts'
import type { TenantDirectory } from '../tenancy/tenant-directory.ts'
import { periodically } from './periodically.ts'

export interface OpenErasures {
  readonly tenantErasures: TenantErasures
  readonly eraseTenants: EraseTenants
  stop(): Promise<void>
}

/** Looked for: an erasure that another server had to leave. */
const EVERY_MS = 10_000
/** Longer than any server takes a tenant for what it was. */
const QUIET_MS = 6_000

export function openErasures(of: {
  readonly backend: Backend
  readonly tenantBlobs: TenantBlobs
  readonly database: Database
  readonly tenantJobs: TenantJobs
  readonly tenantDirectory: TenantDirectory
  readonly auditLog: AuditLog
  readonly onError: (error: unknown) => void
}): OpenErasures {
  const { backend, onError, ...deps } = of
  const tenantErasures = createTenantErasures(backend.pool)
  const eraseTenants = createEraseTenants({
    ...deps,
    tenantErasures,
    // Nobody else has an embedded database open: what was begun here before a crash is one's own.
    ...(backend.kind === 'pglite' ? { worker: 'embedded' } : {}),
    // It has no other server beside this one, which forgets the tenant at once.
    quietMs: backend.kind === 'pglite' ? 0 : QUIET_MS,
  })
  const work = periodically(eraseTenants, { everyMs: EVERY_MS, onError })
  return { tenantErasures, eraseTenants, stop: () => work.stop() }
}
