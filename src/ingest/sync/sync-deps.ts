import type { BlobStore } from '../../core/ports/blob-store.ts'
import type { CredentialSeal } from '../../core/ports/credential-seal.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Documents } from '../../core/ports/documents.ts'
import type { Files } from '../../core/ports/files.ts'
import type { Signals } from '../../core/ports/signals.ts'
import type { OpenSource, SourceKind } from '../../core/ports/source-kind.ts'
import type { SourceDocuments, Sources, SourceSyncs } from '../../core/ports/sources.ts'
import type { Spool } from '../../core/ports/spool.ts'
import type { SourceRecord, SyncRecord } from '../../core/source.ts'
import type { Submission } from '../../core/submission.ts'

export interface SyncDeps {
  readonly database: Database
  readonly kinds: ReadonlyMap<string, SourceKind>
  readonly sources: Sources
  readonly syncs: SourceSyncs
  readonly sourceDocuments: SourceDocuments
  readonly seal: CredentialSeal
  readonly spool: Spool
  readonly submission: Submission
  readonly files: Pick<Files, 'delete'>
  readonly documents: Pick<Documents, 'get' | 'setAttributes'>
  readonly blobs: Pick<BlobStore, 'delete'>
  readonly signals: Pick<Signals, 'announce'>
  /** What went wrong with one document and is nobody's fault but the server's. */
  readonly onError: (
    error: unknown,
    what: { readonly syncId: string; readonly key: string },
  ) => void
}

/** A sync under way. */
export interface RunningSync {
  readonly tenantId: string
  readonly record: SourceRecord
  readonly sync: SyncRecord
  readonly source: OpenSource
  /** Keys of what earlier attempts have added or changed. */
  readonly done: ReadonlySet<string>
}
