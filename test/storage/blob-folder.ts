import type { BlobStore } from '../../src/core/ports/blob-store.ts'
import type { TenantBlobs } from '../../src/core/ports/tenant-erasures.ts'
import { createBlobs } from '../../src/storage/blobs.ts'
import { createObjectDirectory } from '../../src/storage/object-directory.ts'
import { createTenantBlobs } from '../../src/storage/tenant-blobs.ts'

/** Plain blobs in a folder. */
export function blobsIn(folder: string): BlobStore {
  return createBlobs({
    objects: createObjectDirectory(folder),
    dataKeys: null,
    onDamage: () => undefined,
  })
}

export function tenantBlobsIn(folder: string): TenantBlobs {
  return createTenantBlobs({ objects: createObjectDirectory(folder), dataKeys: null })
}
