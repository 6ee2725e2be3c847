import type { Jobs } from '../../core/ports/jobs.ts'
import type { SyncDeps } from './sync-deps.ts'

export interface RemoveDeps extends Pick<
  SyncDeps,
  'blobs' | 'database' | 'signals' | 'sourceDocuments' | 'sources' | 'syncs'
> {
  readonly jobs: Pick<Jobs, 'cancel' | 'lock'>
}

export interface Removal {
  readonly tenantId: string
  readonly id: string
  readonly documents: 'leave' | 'remove'
}

/** Documents a transaction. */
const BATCH = 100

/** First nothing comes from it any longer, then its documents go, then it. Whoever was cut short begins again. */
export async function removeSource(
  deps: RemoveDeps,
  of: Removal,
  signal?: AbortSignal,
): Promise<boolean> {
  const { database, sources, sourceDocuments, syncs, jobs, signals, blobs } = deps
  const { tenantId, id } = of
  const source = await database.transact(tenantId, async (transaction) => {
    const found = await sources.lock(transaction, id)
    if (found === null) return null
    await sources.update(transaction, id, { removingAt: new Date() })
    const statuses = ['queued', 'retrying', 'running', 'suspended', 'dead'] as const
    const left = await jobs.lock(transaction, { sourceId: id, statuses }, 1_000)
    await jobs.cancel(
      transaction,
      left.map((job) => job.id),
    )
    for (const { syncId } of left) {
      if (syncId === null) continue
      const end = { status: 'cancelled', listed: 0, unchanged: 0, error: null } as const
      await syncs.conclude(transaction, syncId, end)
    }
    return found
  })
  if (source === null) return false
  const { vectorStoreId } = source
  const orphansOf = async (work: Promise<{ readonly orphans: readonly string[] }>) => {
    for (const orphan of (await work).orphans) await blobs.delete(tenantId, orphan)
  }
  await orphansOf(database.transact(tenantId, (within) => sourceDocuments.dropPending(within, id)))
  while (of.documents === 'remove') {
    signal?.throwIfAborted()
    const page = { after: null, limit: BATCH }
    const some = await database.transact(tenantId, (within) =>
      sourceDocuments.versions(within, id, page),
    )
    if (some.length === 0) break
    const keys = some.map(({ key }) => key)
    await orphansOf(
      database.transact(tenantId, async (within) => {
        const dropped = await sourceDocuments.drop(within, source, keys)
        signals.announce(within, { type: 'documents-changed', tenantId, vectorStoreId })
        return dropped
      }),
    )
  }
  return database.transact(tenantId, (within) => sources.delete(within, id))
}
