import { join } from 'node:path'
import type { Database } from '../core/ports/database.ts'
import type { Tenants } from '../core/ports/tenants.ts'
import type { Backend } from '../storage/backend.ts'
import { createTenantBlobs } from '../storage/tenant-blobs.ts'
import { createTenantRows } from '../storage/tenant-rows.ts'
import { createExportTenant, type ExportTenant } from '../tenancy/export/export-tenant.ts'

export function openExports(of: {
  readonly backend: Backend
  readonly database: Database
  readonly dataDirectory: string
  readonly tenants: Tenants
  readonly version: string
}): ExportTenant {
  const { backend, database, dataDirectory, tenants, version } = of
  return createExportTenant({
    tenantRows: createTenantRows({ backend, database }),
    blobs: createTenantBlobs(join(dataDirectory, 'blobs')),
    tenants,
    version,
  })
}
