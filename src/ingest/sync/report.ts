import type { KnownItem } from '../../core/ports/source-kind.ts'
import type { SyncNote } from '../../core/source.ts'
import type { RunningSync, SyncDeps } from './sync-deps.ts'

/** What becomes of documents, written down in sets: unchanged ones cost a number each. */
export interface Report {
  readonly listed: number
  readonly unchanged: number
  listedOne(): Promise<void>
  unchangedOne(key: string): void
  note(note: SyncNote): void
  /** The same content under another version. */
  remember(item: KnownItem & { readonly key: string }): void
  flush(): Promise<void>
}

const MOST = 500
const EVERY_MS = 1_000

export function createReport(
  deps: Pick<SyncDeps, 'database' | 'signals' | 'sourceDocuments' | 'syncs'>,
  running: RunningSync,
): Report {
  const { tenantId, record, sync } = running
  let notes: SyncNote[] = []
  let items: (KnownItem & { readonly key: string })[] = []
  let listed = 0
  let unchanged = 0
  let flushedAt = performance.now()

  return {
    get listed() {
      return listed
    },
    get unchanged() {
      return unchanged
    },
    async listedOne() {
      listed += 1
      const isDue = performance.now() - flushedAt > EVERY_MS
      if (isDue || notes.length + items.length >= MOST) await flush()
    },
    unchangedOne(key) {
      // What an earlier attempt has done is told as done.
      if (!running.done.has(key)) unchanged += 1
    },
    note: (note) => void notes.push(note),
    remember: (item) => void items.push(item),
    flush,
  }

  async function flush(): Promise<void> {
    const [noted, remembered] = [notes, items]
    notes = []
    items = []
    flushedAt = performance.now()
    const { id: sourceId, vectorStoreId } = record
    await deps.database.transact(tenantId, async (transaction) => {
      await deps.syncs.note(transaction, sync.id, noted)
      if (!sync.dryRun) await deps.sourceDocuments.remember(transaction, sourceId, remembered)
      await deps.syncs.setProgress(transaction, sync.id, { listed, unchanged })
      const news = { tenantId, vectorStoreId, sourceId, syncId: sync.id }
      deps.signals.announce(transaction, { type: 'sync-changed', ...news })
    })
  }
}
