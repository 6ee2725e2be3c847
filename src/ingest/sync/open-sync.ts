import { AppError } from '../../core/errors.ts'
import type { SyncJob } from '../../core/ports/queue.ts'
import { openSource } from './open-source.ts'
import type { RunningSync, SyncDeps } from './sync-deps.ts'

/** Null where there is nothing to do any longer. What an attempt before this one left half done is cleared away. */
export async function openSync(deps: SyncDeps, job: SyncJob): Promise<RunningSync | null> {
  const { database, sources, syncs, sourceDocuments, signals } = deps
  const { tenantId, vectorStoreId, sourceId, syncId } = job
  const begun = await database.transact(tenantId, async (transaction) => {
    const record = await sources.get(transaction, sourceId)
    if (record === null || record.removingAt !== null) return null
    if (!(await syncs.begin(transaction, syncId))) return null
    const sync = await syncs.get(transaction, syncId)
    if (sync === null) return null
    const done = await syncs.doneKeys(transaction, syncId)
    const credentials = await sources.credentials(transaction, sourceId)
    const { orphans } = sync.dryRun
      ? { orphans: [] }
      : await sourceDocuments.dropPending(transaction, sourceId)
    signals.announce(transaction, {
      type: 'sync-changed',
      tenantId,
      vectorStoreId,
      sourceId,
      syncId,
    })
    return { record, sync, credentials, done, orphans }
  })
  if (begun === null) return null
  const { record, sync, done } = begun
  for (const orphan of begun.orphans) await deps.blobs.delete(tenantId, orphan)
  const opened = await openSource(deps, { tenantId, record, sealed: begun.credentials })
  if ('refusal' in opened) throw new AppError('input_rejected', opened.refusal)
  return { tenantId, record, sync, source: opened.source, done: new Set(done) }
}
