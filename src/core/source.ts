/** When a source is looked at without being asked to. */
export type SourceSchedule =
  | { readonly type: 'interval'; readonly everySeconds: number }
  /** Five fields, or six with seconds; in the zone's own time. */
  | { readonly type: 'cron'; readonly cron: string; readonly timeZone: string }

/** A place that documents of one vector store come from. */
export interface SourceRecord {
  readonly id: string
  readonly vectorStoreId: string
  readonly name: string
  /** Names a `SourceKind`. */
  readonly kind: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly hasCredentials: boolean
  readonly schedule: SourceSchedule | null
  /** A sync that would delete a larger share of what is known is held until a person confirms it. */
  readonly deleteShare: number
  /** Whether it tells of changes itself. */
  readonly watched: boolean
  readonly pausedAt: Date | null
  readonly removingAt: Date | null
  readonly nextSyncAt: Date | null
  readonly createdAt: Date
  /** Of what it is made of. */
  readonly updatedAt: Date
  /** As they were known at the end of the last sync. */
  readonly documents: number
}

export type NewSource = Omit<SourceRecord, 'documents' | 'hasCredentials' | 'removingAt'> & {
  /** Sealed. */
  readonly credentials: string | null
}

export type SyncStatus = 'cancelled' | 'completed' | 'failed' | 'held' | 'queued' | 'running'
export type SyncTrigger = 'change' | 'person' | 'schedule'

/** What a sync did to one document; of those that were unchanged there is only the number. */
export type SyncAction = 'added' | 'changed' | 'deleted' | 'failed' | 'held' | 'skipped'

export interface SyncNote {
  readonly key: string
  readonly action: SyncAction
  /** A sentence, where it failed, was skipped or is held. */
  readonly reason: string | null
  readonly fileId: string | null
  readonly bytes: number | null
}

export type SyncCounts = Readonly<Record<SyncAction | 'listed' | 'unchanged', number>>

export interface SyncRecord {
  readonly id: string
  readonly sourceId: string
  readonly vectorStoreId: string
  readonly trigger: SyncTrigger
  /** Nothing was written but this report. */
  readonly dryRun: boolean
  /** Of the documents looked at; null is all. */
  readonly keys: readonly string[] | null
  /** So many deletions a person has agreed to. */
  readonly confirmed: number
  readonly status: SyncStatus
  readonly counts: SyncCounts
  /** Of what was, or would be, added and changed. */
  readonly bytes: number
  readonly error: { readonly code: string; readonly message: string } | null
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
}
