import type { BlobStore } from '../core/ports/blob-store.ts'
import type { Database } from '../core/ports/database.ts'
import type { Tenants } from '../core/ports/tenants.ts'
import type { Backend } from '../storage/backend.ts'
import { createTenantRows } from '../storage/tenant-rows.ts'
import { createExportTenant, type ExportTenant } from '../tenancy/export/export-tenant.ts'

export function openExports(of: {
  readonly backend: Backend
  readonly database: Database
  readonly blobs: BlobStore
  readonly tenants: Tenants
  readonly version: string
}): ExportTenant {
  const { backend, blobs, database, tenants, version } = of
  return createExportTenant({
    tenantRows: createTenantRows({ backend, database }),
    blobs,
    tenants,
    version,
  })
}
