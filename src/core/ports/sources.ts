import type { NewSource, SourceRecord, SyncAction, SyncNote, SyncRecord } from '../source.ts'
import type { Transaction } from './database.ts'
import type { Cursor } from './files.ts'
import type { KnownItem } from './source-kind.ts'

export interface Sources {
  /** Throws `resource_not_found` where there is no such vector store. */
  insert(transaction: Transaction, source: NewSource): Promise<void>
  get(transaction: Transaction, id: string): Promise<SourceRecord | null>
  /** Whoever changes what a source is doing takes turns here. */
  lock(transaction: Transaction, id: string): Promise<SourceRecord | null>
  /** One row more than `limit` where there are more. */
  list(
    transaction: Transaction,
    cursor: Cursor,
    only: { readonly vectorStoreId?: string | undefined; readonly kind?: string | undefined },
  ): Promise<readonly SourceRecord[]>
  update(transaction: Transaction, id: string, change: SourceChange): Promise<boolean>
  delete(transaction: Transaction, id: string): Promise<boolean>
  /** Sealed, as they were given. */
  credentials(transaction: Transaction, id: string): Promise<string | null>
}

export type SourceChange = Partial<
  Pick<
    NewSource,
    | 'credentials'
    | 'deleteShare'
    | 'name'
    | 'nextSyncAt'
    | 'pausedAt'
    | 'schedule'
    | 'settings'
    | 'updatedAt'
    | 'watched'
  > & { readonly removingAt: Date }
>

export type NewSync = Pick<
  SyncRecord,
  'createdAt' | 'dryRun' | 'id' | 'keys' | 'sourceId' | 'trigger'
>

export interface SourceSyncs {
  insert(transaction: Transaction, sync: NewSync): Promise<void>
  get(transaction: Transaction, id: string): Promise<SyncRecord | null>
  /** The one that nobody has begun yet. */
  findQueued(
    transaction: Transaction,
    sourceId: string,
    dryRun: boolean,
  ): Promise<SyncRecord | null>
  /** The newest that was no dry run. */
  newest(transaction: Transaction, sourceId: string): Promise<SyncRecord | null>
  list(transaction: Transaction, sourceId: string, cursor: Cursor): Promise<readonly SyncRecord[]>
  /** Null is everything. */
  setKeys(transaction: Transaction, id: string, keys: readonly string[] | null): Promise<void>
  /** It is running; what an earlier attempt failed at, skipped or held is forgotten. False where it is over. */
  begin(transaction: Transaction, id: string): Promise<boolean>
  setProgress(
    transaction: Transaction,
    id: string,
    progress: { readonly listed: number; readonly unchanged: number },
  ): Promise<void>
  /** It is over: its other numbers are counted from its notes. Nothing happens to one that is over already. */
  conclude(transaction: Transaction, id: string, end: SyncEnd): Promise<SyncRecord | null>
  /** A person has agreed to so many deletions. */
  allow(transaction: Transaction, id: string, deletions: number): Promise<void>
  /** One that failed or was cancelled is to be done again. False where it is no such one, or no longer the newest. */
  reopen(transaction: Transaction, id: string): Promise<boolean>
  /** What was noted of a document before is replaced. */
  note(transaction: Transaction, id: string, notes: readonly SyncNote[]): Promise<void>
  /** Keys of what it has added or changed so far. */
  doneKeys(transaction: Transaction, id: string): Promise<readonly string[]>
  notes(
    transaction: Transaction,
    id: string,
    page: {
      readonly action: SyncAction | null
      readonly after: string | null
      readonly limit: number
    },
  ): Promise<readonly SyncNote[]>
  /** All but the newest of a source, and all that are too old. */
  prune(
    transaction: Transaction,
    sourceId: string,
    keep: { readonly newest: number; readonly days: number },
  ): Promise<void>
}

export interface SyncEnd {
  readonly status: 'cancelled' | 'completed' | 'failed' | 'held'
  readonly listed: number
  readonly unchanged: number
  readonly error: { readonly code: string; readonly message: string } | null
}

/** What is known of a document that was taken in. */
export interface KnownDocument extends KnownItem {
  readonly sha256: string
  readonly fileId: string
}

export interface TakenDocument extends KnownItem {
  readonly key: string
  /** The upload that was intended. */
  readonly uploadId: string
  /** Of its document: the upload, or what the store had of the same content. */
  readonly fileId: string
  readonly sha256: string
  readonly bytes: number
}

export interface SourceDocuments {
  /** Keys and versions of what was taken in, in the order of keys. */
  versions(
    transaction: Transaction,
    sourceId: string,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<readonly { readonly key: string; readonly version: string | null }[]>
  find(transaction: Transaction, sourceId: string, key: string): Promise<KnownDocument | null>
  /** Before a file is uploaded under that id. */
  intend(
    transaction: Transaction,
    sourceId: string,
    upload: { readonly key: string; readonly fileId: string },
  ): Promise<void>
  /**
   * In the transaction that makes the document. False where the upload is no longer the one that was intended, or the
   * source is on its way out.
   */
  take(transaction: Transaction, sourceId: string, taken: TakenDocument): Promise<boolean>
  /** Uploads that came to nothing: their files are in no store. Gives blobs that nothing refers to any longer. */
  dropPending(
    transaction: Transaction,
    sourceId: string,
  ): Promise<{ readonly orphans: readonly string[] }>
  /** The same content as before, under another version. */
  remember(
    transaction: Transaction,
    sourceId: string,
    items: readonly (KnownItem & { readonly key: string })[],
  ): Promise<void>
  /** All but those named were seen in a listing of everything. */
  sawAll(transaction: Transaction, sourceId: string, but: readonly string[]): Promise<void>
  /** Documents that came from there under these keys go from the store, with files that no other store holds. */
  drop(
    transaction: Transaction,
    source: Pick<SourceRecord, 'id' | 'vectorStoreId'>,
    keys: readonly string[],
  ): Promise<{ readonly orphans: readonly string[] }>
}

export interface SourcePlace {
  readonly tenantId: string
  readonly sourceId: string
}

/** What is due and who listens, over all tenants. */
export interface SourceAgenda {
  /** Nobody else is given these for so many seconds. */
  takeDue(limit: number, seconds: number): Promise<readonly SourcePlace[]>
  /** Those that this worker listens to from here on for so many seconds: what it had, and what nobody has. */
  takeWatches(
    worker: string,
    seconds: number,
  ): Promise<readonly (SourcePlace & { readonly revision: Date })[]>
  leaveWatches(worker: string): Promise<void>
}

/** The key of the document in its store: two sources of one store may have the same names. */
export const sourceKeyOf = (sourceId: string, key: string): string => `${sourceId}:${key}`
