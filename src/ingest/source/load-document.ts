import { AppError } from '../../core/errors.ts'
import type { BlobStore } from '../../core/ports/blob-store.ts'
import type { Database } from '../../core/ports/database.ts'
import type { DocumentRecord, Documents } from '../../core/ports/documents.ts'
import type { IngestJob } from '../../core/ports/queue.ts'

/** Null when there is nothing to do: the document is gone, cancelled, failed or indexed. */
export async function loadRecord(
  deps: { readonly database: Database; readonly documents: Documents },
  job: IngestJob,
): Promise<DocumentRecord | null> {
  const record = await deps.database.transact(job.tenantId, (transaction) =>
    deps.documents.get(transaction, job.vectorStoreId, job.fileId),
  )
  return record?.status === 'in_progress' ? record : null
}

/** Bytes are durable before the row that names them: where there are none, no further look finds any. */
export async function loadContent(
  blobs: Pick<BlobStore, 'get'>,
  { tenantId, fileId }: IngestJob,
  { fileSha256 }: DocumentRecord,
): Promise<Uint8Array> {
  const bytes = await blobs.get(tenantId, fileSha256)
  if (bytes !== null) return bytes
  throw new AppError(
    'content_missing',
    `The content of ${fileId} is not where files are kept. Upload the file again or restore it from a backup, then replay the job; \`ragstone blobs check\` lists all that are missing.`,
  )
}

/** Whether the record is still that of the work under way: a document taken out and put back has a job of its own. */
export function isStillWanted(now: DocumentRecord | null, then: DocumentRecord): boolean {
  return now?.status === 'in_progress' && now.createdAt.getTime() === then.createdAt.getTime()
}
