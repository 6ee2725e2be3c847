import { createId } from '../../core/id.ts'
import type { Transaction } from '../../core/ports/database.ts'
import type { JobSender, SyncJob } from '../../core/ports/queue.ts'
import type { SourceSyncs } from '../../core/ports/sources.ts'
import type { SourceRecord, SyncRecord, SyncTrigger } from '../../core/source.ts'

/** Of more than these, everything is looked at. */
const MOST_KEYS = 1_000

export interface SyncWish {
  readonly trigger: SyncTrigger
  /** Null is everything. */
  readonly keys: readonly string[] | null
  readonly dryRun: boolean
}

/** Queues a sync, in the caller's transaction. One that waits for its turn already takes the wish along. */
export type StartSync = (
  transaction: Transaction,
  /** Locked by the caller. */
  source: Pick<SourceRecord, 'id' | 'vectorStoreId'>,
  wish: SyncWish,
) => Promise<SyncRecord>

export function createStartSync({
  syncs,
  queue,
}: {
  readonly syncs: Pick<SourceSyncs, 'findQueued' | 'get' | 'insert' | 'setKeys'>
  readonly queue: JobSender<SyncJob>
}): StartSync {
  return async (transaction, { id: sourceId, vectorStoreId }, { trigger, keys, dryRun }) => {
    const waiting = await syncs.findQueued(transaction, sourceId, dryRun)
    const id = waiting?.id ?? createId('sync_')
    if (waiting === null) {
      const wanted = keys === null ? null : joined([], keys)
      const sync = { id, sourceId, trigger, dryRun, keys: wanted, createdAt: new Date() }
      await syncs.insert(transaction, sync)
      const job = { tenantId: transaction.tenantId, vectorStoreId, sourceId, syncId: id }
      await queue.send(transaction, job, { priority: 'sync' })
    } else if (waiting.keys !== null) {
      await syncs.setKeys(transaction, id, keys === null ? null : joined(waiting.keys, keys))
    }
    const sync = await syncs.get(transaction, id)
    if (sync === null) throw new Error(`The sync ${id} went while it was queued.`)
    return sync
  }
}

function joined(one: readonly string[], other: readonly string[]): readonly string[] | null {
  const keys = [...new Set([...one, ...other])]
  return keys.length > MOST_KEYS ? null : keys
}
