import { isTooMuch } from './guard.ts'
import { noteOf } from './note-of.ts'
import type { Report } from './report.ts'
import type { RunningSync, SyncDeps } from './sync-deps.ts'
import type { Seen } from './take-in.ts'

export interface LetGo {
  readonly running: RunningSync
  readonly known: ReadonlyMap<string, string | null>
  readonly seen: Seen
  readonly report: Report
}

export interface End {
  readonly status: 'completed' | 'held'
  readonly reason: string | null
  readonly deleted: number
}

/** Documents a transaction: others get their turn between two. */
const BATCH = 100

/** What is not there any more goes, unless it is too much for that to be believed. */
export async function letGo(deps: SyncDeps, work: LetGo, signal: AbortSignal): Promise<End> {
  const { running, known, seen, report } = work
  const { record, sync } = running
  const isWhole = sync.keys === null
  const missing = [...known.keys()].filter((key) =>
    isWhole ? !seen.there.has(key) : seen.gone.has(key),
  )
  const told = { missing: missing.length, known: known.size, there: seen.there.size }
  const { deleteShare: share } = record
  const isHeld = isWhole && isTooMuch({ ...told, share, confirmed: sync.confirmed })
  if (isHeld || sync.dryRun) {
    const reason = isHeld ? 'It is no longer there, and waits for a person to confirm that.' : null
    for (const key of missing) report.note(noteOf(key, isHeld ? 'held' : 'deleted', reason))
    return {
      status: isHeld ? 'held' : 'completed',
      reason: isHeld ? heldBecause(told) : null,
      deleted: 0,
    }
  }
  for (let from = 0; from < missing.length; from += BATCH) {
    signal.throwIfAborted()
    await drop(deps, running, missing.slice(from, from + BATCH))
  }
  return { status: 'completed', reason: null, deleted: missing.length }
}

async function drop(
  { database, sourceDocuments, syncs, signals, blobs }: SyncDeps,
  { tenantId, record, sync }: RunningSync,
  keys: readonly string[],
): Promise<void> {
  const { vectorStoreId } = record
  const { orphans } = await database.transact(tenantId, async (transaction) => {
    const dropped = await sourceDocuments.drop(transaction, record, keys)
    await syncs.note(
      transaction,
      sync.id,
      keys.map((key) => noteOf(key, 'deleted', null)),
    )
    signals.announce(transaction, { type: 'documents-changed', tenantId, vectorStoreId })
    return dropped
  })
  for (const orphan of orphans) await blobs.delete(tenantId, orphan)
}

function heldBecause({
  missing,
  known,
  there,
}: {
  readonly missing: number
  readonly known: number
  readonly there: number
}): string {
  const listed =
    there === 0 ? 'The source was listed as empty' : `The source lists ${there} documents`
  return `${listed}, and ${missing} of the ${known} that are known are not among them. Nothing was deleted. If they are really gone, confirm the sync; if not, mend the source and sync again.`
}
