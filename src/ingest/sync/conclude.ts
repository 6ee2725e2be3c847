import { jobErrorOf } from '../../core/job.ts'
import type { Attempt, JobOutcome, SyncJob } from '../../core/ports/queue.ts'
import type { End } from './let-go.ts'
import type { Report } from './report.ts'
import type { RunningSync, SyncDeps } from './sync-deps.ts'
import type { Seen } from './take-in.ts'

/** Reports that are kept of a source. */
const KEPT = { newest: 100, days: 30 } as const

export async function conclude(
  deps: SyncDeps,
  of: {
    readonly running: RunningSync
    readonly seen: Seen
    readonly report: Report
    readonly end: End
  },
  attempt: Pick<Attempt, 'complete'>,
): Promise<JobOutcome> {
  const { database, sourceDocuments, syncs, signals } = deps
  const { seen, report, end } = of
  const { tenantId, record, sync } = of.running
  const { id: sourceId, vectorStoreId } = record
  await database.transact(tenantId, async (transaction) => {
    if (sync.keys === null && !sync.dryRun && end.status === 'completed')
      await sourceDocuments.sawAll(transaction, sourceId, [])
    await syncs.conclude(transaction, sync.id, {
      status: end.status,
      listed: report.listed,
      unchanged: report.unchanged,
      error: end.reason === null ? null : { code: 'held', message: end.reason },
    })
    await syncs.prune(transaction, sourceId, KEPT)
    await attempt.complete(transaction)
    const place = { tenantId, vectorStoreId }
    signals.announce(transaction, { type: 'sync-changed', ...place, sourceId, syncId: sync.id })
    if (!sync.dryRun && (seen.changed || end.deleted > 0))
      signals.announce(transaction, { type: 'documents-changed', ...place })
  })
  return 'settled'
}

/** No other attempt would fare better: what was done stays, the reason is kept with the sync and with its job. */
export async function fail(
  { database, syncs, signals }: Pick<SyncDeps, 'database' | 'signals' | 'syncs'>,
  { job, error }: { readonly job: SyncJob; readonly error: unknown },
  attempt: Pick<Attempt, 'bury'>,
): Promise<JobOutcome> {
  const { tenantId, vectorStoreId, sourceId, syncId } = job
  const reason = jobErrorOf(error, 'synced')
  const concluded = await database.transact(tenantId, async (transaction) => {
    const before = await syncs.get(transaction, syncId)
    if (before === null || !['queued', 'running'].includes(before.status)) return false
    const { listed, unchanged } = before.counts
    const end = { status: 'failed', listed, unchanged, error: reason } as const
    await syncs.conclude(transaction, syncId, end)
    await attempt.bury(transaction, reason)
    const place = { tenantId, vectorStoreId }
    signals.announce(transaction, { type: 'sync-changed', ...place, sourceId, syncId })
    return true
  })
  return concluded ? 'settled' : 'withdrawn'
}
