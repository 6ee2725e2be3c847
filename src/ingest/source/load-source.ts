import type { BlobStore } from '../../core/ports/blob-store.ts'
import type { Database } from '../../core/ports/database.ts'
import type { DocumentRecord, Documents } from '../../core/ports/documents.ts'
import type { IngestJob } from '../../core/ports/queue.ts'

export interface Source {
  readonly record: DocumentRecord
  readonly bytes: Uint8Array
}

/** Null when there is nothing to do: the document is gone, cancelled, failed or indexed. */
export async function loadSource(
  deps: { readonly database: Database; readonly documents: Documents; readonly blobs: BlobStore },
  job: IngestJob,
): Promise<Source | null> {
  const record = await deps.database.transact(job.tenantId, (transaction) =>
    deps.documents.get(transaction, job.vectorStoreId, job.fileId),
  )
  if (record?.status !== 'in_progress') return null
  const bytes = await deps.blobs.get(job.tenantId, record.fileSha256)
  if (bytes === null) throw new Error(`The content of ${job.fileId} is not in the blob store.`)
  return { record, bytes }
}

/** Whether the record is still that of the work under way: a document taken out and put back has a job of its own. */
export function isStillWanted(now: DocumentRecord | null, then: DocumentRecord): boolean {
  return now?.status === 'in_progress' && now.createdAt.getTime() === then.createdAt.getTime()
}
