import type { FileBatch } from '../../../contract/file-batch.ts'
import type { FileBatchRecord } from '../../../core/ports/file-batches.ts'
import { unixSeconds } from '../../unix-seconds.ts'

export function wireFileBatch(batch: FileBatchRecord): FileBatch {
  return {
    id: batch.id,
    object: 'vector_store.files_batch',
    created_at: unixSeconds(batch.createdAt),
    vector_store_id: batch.vectorStoreId,
    status: statusOf(batch),
    file_counts: { ...batch.fileCounts },
  }
}

function statusOf({ cancelledAt, fileCounts: counts }: FileBatchRecord): FileBatch['status'] {
  if (cancelledAt !== null) return 'cancelled'
  if (counts.in_progress > 0) return 'in_progress'
  if (counts.cancelled > 0) return 'cancelled'
  return counts.failed > 0 && counts.completed === 0 ? 'failed' : 'completed'
}
