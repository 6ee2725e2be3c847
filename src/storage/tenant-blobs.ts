import type { DataKeys } from '../core/ports/data-keys.ts'
import type { ObjectStore } from '../core/ports/object-store.ts'
import type { TenantBlobs } from '../core/ports/tenant-erasures.ts'
import { tenantPrefix } from './blob-key.ts'

/** Everything that is kept under the tenant's name, drafts of interrupted writes included. */
export function createTenantBlobs(deps: {
  readonly objects: ObjectStore
  readonly dataKeys: Pick<DataKeys, 'forget'> | null
}): TenantBlobs {
  const { objects, dataKeys } = deps
  return {
    async count(tenantId) {
      let blobs = 0
      let bytes = 0
      for await (const found of objects.list(tenantPrefix(tenantId))) {
        blobs += 1
        bytes += found.bytes
      }
      return { blobs, bytes }
    },
    async deleteAll(tenantId) {
      dataKeys?.forget(tenantId)
      for await (const { key } of objects.list(tenantPrefix(tenantId))) await objects.delete(key)
    },
  }
}
