import type { Database } from '../../core/ports/database.ts'
import type { SourceAgenda, SourcePlace, Sources } from '../../core/ports/sources.ts'
import { nextSyncAfter } from './next-sync.ts'
import type { StartSync } from './start-sync.ts'

export interface StartDueDeps {
  readonly agenda: Pick<SourceAgenda, 'takeDue'>
  readonly database: Database
  readonly sources: Pick<Sources, 'lock' | 'update'>
  readonly startSync: StartSync
  /** Whether the tenant is served. */
  readonly isServed: (tenantId: string) => Promise<boolean>
  readonly now?: () => Date
}

const BATCH = 20
/** After which another process takes up what this one was killed over. */
const TAKEN_SECONDS = 60

/** Starts what is due. However many processes look, each due sync is started by one. Says how many it started. */
export async function startDueSyncs(deps: StartDueDeps, signal: AbortSignal): Promise<number> {
  let started = 0
  for (;;) {
    const due = await deps.agenda.takeDue(BATCH, TAKEN_SECONDS)
    for (const place of due) {
      if (signal.aborted) return started
      if (await startOne(deps, place)) started += 1
    }
    if (due.length < BATCH || signal.aborted) return started
  }
}

async function startOne(
  { database, sources, startSync, isServed, now = () => new Date() }: StartDueDeps,
  { tenantId, sourceId }: SourcePlace,
): Promise<boolean> {
  if (!(await isServed(tenantId))) return false
  return database.transact(tenantId, async (transaction) => {
    const source = await sources.lock(transaction, sourceId)
    if (source === null || source.removingAt !== null || source.pausedAt !== null) return false
    const { nextSyncAt, schedule } = source
    // Another process that took it for lost has started it.
    if (schedule === null || nextSyncAt === null || nextSyncAt > now()) return false
    await startSync(transaction, source, { trigger: 'schedule', keys: null, dryRun: false })
    // From now on and not from when it was due: what was missed while nobody ran is made up for once.
    await sources.update(transaction, sourceId, { nextSyncAt: nextSyncAfter(schedule, now()) })
    return true
  })
}
