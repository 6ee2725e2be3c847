import type { WireSource, WireSync, WireSyncDocument } from '../../../contract/source.ts'
import type { SourceRecord, SourceSchedule, SyncNote, SyncRecord } from '../../../core/source.ts'
import { unixSeconds } from '../../unix-seconds.ts'
import type { EmbeddingModelInfo } from './embedding-models.ts'
import { estimateSync } from './estimate-sync.ts'

/** That embed what is taken in. */
type Models = readonly EmbeddingModelInfo[]

export function wireSource(
  source: SourceRecord,
  last: SyncRecord | null,
  models: Models,
): WireSource {
  return {
    id: source.id,
    object: 'source',
    vector_store_id: source.vectorStoreId,
    name: source.name,
    kind: source.kind,
    settings: source.settings,
    has_credentials: source.hasCredentials,
    schedule: source.schedule && wireSchedule(source.schedule),
    delete_share: source.deleteShare,
    watched: source.watched,
    status:
      source.removingAt === null ? (source.pausedAt === null ? 'active' : 'paused') : 'removing',
    documents: source.documents,
    next_sync_at:
      source.pausedAt === null && source.removingAt === null ? seconds(source.nextSyncAt) : null,
    last_sync: last && wireSync(last, models),
    created_at: unixSeconds(source.createdAt),
  }
}

export function wireSync(sync: SyncRecord, models: Models): WireSync {
  return {
    id: sync.id,
    object: 'source.sync',
    source_id: sync.sourceId,
    vector_store_id: sync.vectorStoreId,
    trigger: sync.trigger,
    dry_run: sync.dryRun,
    whole: sync.keys === null,
    status: sync.status,
    counts: { ...sync.counts },
    bytes: sync.bytes,
    estimate: sync.dryRun && sync.finishedAt !== null ? estimateSync(sync.bytes, models) : null,
    error: sync.error && { ...sync.error },
    created_at: unixSeconds(sync.createdAt),
    started_at: seconds(sync.startedAt),
    finished_at: seconds(sync.finishedAt),
  }
}

export const wireSyncDocument = (note: SyncNote): WireSyncDocument => ({
  id: note.key,
  object: 'source.sync.document',
  action: note.action,
  reason: note.reason,
  file_id: note.fileId,
  bytes: note.bytes,
})

function wireSchedule(schedule: SourceSchedule): NonNullable<WireSource['schedule']> {
  return schedule.type === 'interval'
    ? { type: 'interval', every_seconds: schedule.everySeconds }
    : { type: 'cron', cron: schedule.cron, time_zone: schedule.timeZone }
}

export function readSchedule(schedule: NonNullable<WireSource['schedule']>): SourceSchedule {
  return schedule.type === 'interval'
    ? { type: 'interval', everySeconds: schedule.every_seconds }
    : { type: 'cron', cron: schedule.cron, timeZone: schedule.time_zone }
}

const seconds = (moment: Date | null) => moment && unixSeconds(moment)
