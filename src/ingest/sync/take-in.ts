import type { SourceItem } from '../../core/ports/source-kind.ts'
import { createLanes } from './lanes.ts'
import { readDocument, type ReadDocument } from './read-document.ts'
import { noteOf } from './note-of.ts'
import { renewAttributes } from './renew-attributes.ts'
import type { Report } from './report.ts'
import { submitDocument } from './submit-document.ts'
import type { RunningSync, SyncDeps } from './sync-deps.ts'
import { isNotForUs, isOfDocument, keyFault, sentenceOf, verdictOn } from './verdict.ts'

export interface TakeIn {
  readonly running: RunningSync
  readonly known: ReadonlyMap<string, string | null>
  readonly report: Report
}

export interface Seen {
  /** Everything that a listing named and that is still there, whatever became of it. */
  readonly there: ReadonlySet<string>
  /** What is not there any more, of what was asked for by name. */
  readonly gone: ReadonlySet<string>
  /** Whether documents were added or changed. */
  readonly changed: boolean
}

/** Documents that are submitted while the next ones are read. */
const LANES = 4
/** So many failures on end are not the documents' own: the place is away. */
const MOST_ON_END = 20

/** Lists, compares, reads what is new or changed, and submits it. */
export async function takeIn(deps: SyncDeps, work: TakeIn, signal: AbortSignal): Promise<Seen> {
  const { running, known, report } = work
  const { tenantId, record, sync, source } = running
  const there = new Set<string>()
  const gone = new Set<string>()
  const lanes = createLanes(LANES)
  let failedOnEnd = 0
  let changed = false

  const listing = source.list({
    keys: sync.keys,
    known: (key) =>
      deps.database.transact(tenantId, (transaction) =>
        deps.sourceDocuments.find(transaction, record.id, key),
      ),
    signal,
  })
  try {
    for await (const item of listing) {
      signal.throwIfAborted()
      const fault = keyFault(item.key)
      if (fault === null) await step(item)
      else report.note(noteOf(keptKey(item.key), 'failed', fault))
      await report.listedOne()
    }
  } finally {
    await lanes.settled()
  }
  lanes.throwFirst()
  return { there, gone, changed }

  async function step(item: SourceItem): Promise<void> {
    const { key } = item
    if (item.type === 'gone') return void gone.add(key)
    there.add(key)
    if (item.type !== 'document') return report.note(noteOf(key, item.type, item.reason))
    const verdict = verdictOn(item, known)
    if (verdict.do === 'leave') return report.unchangedOne(key)
    if (verdict.do === 'skip') return report.note(noteOf(key, 'skipped', verdict.reason))
    try {
      const read = await readDocument(deps, { running, item, isKnown: known.has(key) })
      failedOnEnd = 0
      await dealWith(key, read)
    } catch (error) {
      if (isNotForUs(error)) return report.note(noteOf(key, 'skipped', sentenceOf(error)))
      failed(key, error)
      failedOnEnd += 1
      if (failedOnEnd >= MOST_ON_END) throw error
    }
  }

  async function dealWith(key: string, read: ReadDocument): Promise<void> {
    if (read.type === 'skipped') return report.note(noteOf(key, 'skipped', read.reason))
    if (read.type === 'gone') {
      there.delete(key)
      return void gone.add(key)
    }
    if (read.type === 'unchanged') {
      const { described, remember } = read
      const isRenewed =
        described !== null && (await renewAttributes(deps, { running, key, ...described }))
      if (!isRenewed) report.unchangedOne(key)
      else if (!sync.dryRun) changed = true
      if (remember !== null) report.remember({ key, ...remember })
      return
    }
    const action = known.has(key) ? 'changed' : 'added'
    changed = true
    if (read.type === 'wanted')
      return report.note({ key, action, reason: null, fileId: null, bytes: read.bytes })
    await lanes.run(async () => {
      try {
        await submitDocument(deps, { running, key, action, read })
      } catch (error) {
        failed(key, error)
      } finally {
        await read.spooled.discard()
      }
    })
  }

  /** Throws what is not the document's own. */
  function failed(key: string, error: unknown): void {
    if (signal.aborted || !isOfDocument(error)) throw error
    deps.onError(error, { syncId: sync.id, key })
    report.note(noteOf(key, 'failed', sentenceOf(error)))
  }
}

/** As much of it as can be kept. */
const keptKey = (key: string) => key.toWellFormed().replaceAll('\0', '\uFFFD').slice(0, 500)
