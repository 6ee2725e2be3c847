import type { BlobStore } from '../core/ports/blob-store.ts'
import type { Database } from '../core/ports/database.ts'
import { lockContent } from './content-lock.ts'
import { findOrphans } from './drop-documents.ts'

/**
 * Deletes a blob only while nothing refers to it. Between a transaction that saw its last reference go and the deletion,
 * somebody may upload the same bytes: so it is looked again, under the lock that those who come to refer to it take.
 * A deletion must be asked for outside any transaction.
 */
export function createReferencedBlobs(deps: {
  readonly blobs: BlobStore
  readonly database: Database
}): BlobStore {
  const { blobs, database } = deps
  return {
    put: (tenantId, sha256, content) => blobs.put(tenantId, sha256, content),
    get: (tenantId, sha256) => blobs.get(tenantId, sha256),
    open: (tenantId, sha256, range) => blobs.open(tenantId, sha256, range),
    async delete(tenantId, sha256) {
      await database.transact(tenantId, async (transaction) => {
        await lockContent(transaction, sha256)
        const [orphan] = await findOrphans(transaction, [sha256])
        if (orphan !== undefined) await blobs.delete(tenantId, orphan)
      })
    },
  }
}
