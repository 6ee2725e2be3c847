import { AppError } from '../core/errors.ts'
import type { ErrorCode } from '../core/errors.ts'
import type { Database } from '../core/ports/database.ts'
import type { Documents } from '../core/ports/documents.ts'
import type { IngestJob } from '../core/ports/queue.ts'
import type { IngestEvent } from './ingest-event.ts'

/** Writes on the document why its last attempt failed. */
export type GiveUp = (job: IngestJob, error: unknown) => Promise<void>

export function createGiveUp(deps: {
  readonly database: Database
  readonly documents: Documents
  readonly onEvent?: (event: IngestEvent) => void
}): GiveUp {
  return async (job, error) => {
    const reason = reasonFor(error)
    const bytes = await deps.database.transact(job.tenantId, async (transaction) => {
      const record = await deps.documents.get(transaction, job.vectorStoreId, job.fileId)
      if (record?.status !== 'in_progress') return null
      await deps.documents.fail(transaction, job, reason)
      return record.fileBytes
    })
    if (bytes === null) return
    deps.onEvent?.({ type: 'document-failed', ...job, ...reason, bytes, seconds: 0 })
  }
}

function reasonFor(error: unknown): { readonly code: ErrorCode; readonly message: string } {
  const again =
    'Every attempt failed. Remove the file from the vector store and add it again when this is mended.'
  if (error instanceof AppError) return { code: error.code, message: `${error.message} ${again}` }
  return {
    code: 'internal',
    message: `Something broke on the server while it worked on this file; its log says what. ${again}`,
  }
}
