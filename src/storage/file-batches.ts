import type { FileBatchRecord, FileBatches } from '../core/ports/file-batches.ts'

/** Whether the document `entry` is of the batch that `$n` names: it came with it, or was there when the batch was made. */
export function isOfBatch(entry: string, batchId: string): string {
  return `(${entry}.batch_id = ${batchId} or exists (
    select from file_batch_members as member
    where member.tenant_id = ${entry}.tenant_id and member.vector_store_id = ${entry}.vector_store_id
      and member.batch_id = ${batchId} and member.file_id = ${entry}.file_id))`
}

export function createFileBatches(): FileBatches {
  return {
    async insert(transaction, batch, fileIds) {
      const own = [transaction.tenantId, batch.vectorStoreId, batch.id]
      await transaction.query(
        'insert into file_batches (tenant_id, vector_store_id, id, created_at) values ($1, $2, $3, $4)',
        [...own, batch.createdAt],
      )
      // Held until the end, so that none of them is gone before its row is there.
      await transaction.query(
        `with present as (
           select file_id from documents
           where tenant_id = $1 and vector_store_id = $2 and file_id = any($4::text[]) order by file_id for key share)
         insert into file_batch_members (tenant_id, vector_store_id, batch_id, file_id)
         select $1, $2, $3, file_id from present`,
        [...own, fileIds],
      )
    },

    async get(transaction, vectorStoreId, batchId) {
      const [row] = await transaction.query<BatchRow>(
        `select batch.id, batch.vector_store_id, batch.created_at, cancelled_at, counted.*
         from file_batches as batch
         cross join lateral (
           select (count(*) filter (where status = 'in_progress'))::integer as in_progress,
             (count(*) filter (where status = 'completed'))::integer as completed,
             (count(*) filter (where status = 'failed'))::integer as failed,
             (count(*) filter (where status = 'cancelled'))::integer as cancelled,
             count(*)::integer as total
           from documents as entry
           where entry.tenant_id = $1 and entry.vector_store_id = $2 and ${isOfBatch('entry', '$3')}) as counted
         where batch.tenant_id = $1 and batch.vector_store_id = $2 and batch.id = $3`,
        [transaction.tenantId, vectorStoreId, batchId],
      )
      return row === undefined ? null : toBatch(row)
    },

    async markCancelled(transaction, vectorStoreId, batchId) {
      await transaction.query(
        `update file_batches set cancelled_at = coalesce(cancelled_at, now())
         where tenant_id = $1 and vector_store_id = $2 and id = $3`,
        [transaction.tenantId, vectorStoreId, batchId],
      )
    },
  }
}

interface BatchRow {
  readonly id: string
  readonly vector_store_id: string
  readonly created_at: Date
  readonly cancelled_at: Date | null
  readonly in_progress: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
  readonly total: number
}

function toBatch(row: BatchRow): FileBatchRecord {
  const { in_progress, completed, failed, cancelled, total } = row
  return {
    id: row.id,
    vectorStoreId: row.vector_store_id,
    createdAt: row.created_at,
    cancelledAt: row.cancelled_at,
    fileCounts: { in_progress, completed, failed, cancelled, total },
  }
}
