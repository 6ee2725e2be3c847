import type { WireVectorStore } from '../../../contract/vector-store.ts'
import type { VectorStoreRecord } from '../../../core/ports/vector-stores.ts'
import { unixSeconds } from '../../unix-seconds.ts'
import { expiryOf } from '../../store-expiry.ts'

export function wireVectorStore(store: VectorStoreRecord, now = new Date()): WireVectorStore {
  const expiresAt = expiryOf(store)
  const days = store.expiresAfterDays
  return {
    id: store.id,
    object: 'vector_store',
    created_at: unixSeconds(store.createdAt),
    name: store.name,
    usage_bytes: store.usageBytes,
    file_counts: { ...store.fileCounts },
    status: statusOf(store, expiresAt, now),
    ...(days === null ? {} : { expires_after: { anchor: 'last_active_at', days } }),
    expires_at: expiresAt === null ? null : unixSeconds(expiresAt),
    last_active_at: unixSeconds(store.lastActiveAt),
    metadata: { ...store.metadata },
  }
}

function statusOf(
  store: VectorStoreRecord,
  expiresAt: Date | null,
  now: Date,
): WireVectorStore['status'] {
  if (expiresAt !== null && expiresAt <= now) return 'expired'
  return store.fileCounts.in_progress > 0 ? 'in_progress' : 'completed'
}
