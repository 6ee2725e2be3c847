import type { Database, Transaction } from '../core/ports/database.ts'
import type { Documents } from '../core/ports/documents.ts'
import type { JobFilter, JobRecord, Jobs, JobStatus } from '../core/ports/jobs.ts'
import type { Signals } from '../core/ports/signals.ts'
import type { SourceSyncs } from '../core/ports/sources.ts'

export interface SteerDeps {
  readonly database: Database
  readonly documents: Pick<Documents, 'cancelOne' | 'reopen'>
  readonly jobs: Pick<Jobs, 'cancel' | 'lock' | 'replay'>
  readonly signals: Pick<Signals, 'announce'>
  readonly syncs: Pick<SourceSyncs, 'conclude' | 'reopen'>
}

/** What people do to jobs. A job and the document or the sync that it is about change in one transaction. */
export interface SteerJobs {
  /** Gives what it was before; null where there is none. What is over and not dead stays as it is. */
  cancel(
    tenantId: string,
    filter: JobFilter & { readonly ids: readonly [string] },
  ): Promise<JobStatus | null>
  /**
   * Dead jobs that fit, and cancelled ones among those that are named, begin anew with all their attempts. Those whose
   * document is gone or has been indexed meanwhile, or whose source was synced since, have nothing to begin: they are
   * dismissed.
   */
  replay(
    tenantId: string,
    filter: JobFilter,
  ): Promise<{ readonly replayed: number; readonly dismissed: number }>
}

/** Jobs a transaction: others get their turn between two. */
const BATCH = 200
const ENDED: readonly JobStatus[] = ['cancelled', 'completed']

type Found = Pick<JobRecord, 'fileId' | 'id' | 'status' | 'syncId' | 'vectorStoreId'>

export function createSteerJobs({
  database,
  documents,
  jobs,
  signals,
  syncs,
}: SteerDeps): SteerJobs {
  return {
    cancel: (tenantId, filter) =>
      database.transact(tenantId, async (transaction) => {
        const [found] = await jobs.lock(transaction, filter, 1)
        if (found === undefined) return null
        if (ENDED.includes(found.status)) return found.status
        await jobs.cancel(transaction, [found.id])
        if (found.syncId !== null) {
          const end = { status: 'cancelled', listed: 0, unchanged: 0, error: null } as const
          await syncs.conclude(transaction, found.syncId, end)
        }
        const document = documentOf(found)
        if (document === null || found.status === 'dead') return found.status
        await documents.cancelOne(transaction, document)
        signals.announce(transaction, { type: 'document-changed', tenantId, ...document })
        return found.status
      }),

    async replay(tenantId, filter) {
      const statuses: JobStatus[] = filter.ids === undefined ? ['dead'] : ['dead', 'cancelled']
      let [replayed, dismissed] = [0, 0]
      for (;;) {
        const { found, reopened } = await database.transact(tenantId, async (transaction) => {
          const found = await jobs.lock(transaction, { ...filter, statuses }, BATCH)
          return { found, reopened: await replayAll(transaction, found) }
        })
        replayed += reopened.length
        dismissed += found.length - reopened.length
        if (found.length < BATCH) return { replayed, dismissed }
      }
    },
  }

  async function replayAll(
    transaction: Transaction,
    found: readonly Found[],
  ): Promise<readonly string[]> {
    const { tenantId } = transaction
    const reopened: string[] = []
    for (const job of found) {
      if (job.syncId !== null) {
        if (await syncs.reopen(transaction, job.syncId)) reopened.push(job.id)
        continue
      }
      const document = documentOf(job)
      // What is about neither finds out by itself whether there is anything left to do.
      if (document !== null && !(await documents.reopen(transaction, document))) continue
      if (document !== null)
        signals.announce(transaction, { type: 'document-changed', tenantId, ...document })
      reopened.push(job.id)
    }
    if (reopened.length > 0) await jobs.replay(transaction, reopened)
    const rest = found.map(({ id }) => id).filter((id) => !reopened.includes(id))
    if (rest.length > 0) await jobs.cancel(transaction, rest)
    return reopened
  }
}

function documentOf({ vectorStoreId, fileId }: Found) {
  return vectorStoreId === null || fileId === null ? null : { vectorStoreId, fileId }
}
