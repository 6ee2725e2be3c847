import type { WireApiKey } from '../../../contract/api-key.ts'
import type { ApiKeyRecord } from '../../../core/ports/api-keys.ts'
import { unixSeconds } from '../../unix-seconds.ts'
import { wireOwnLimits } from '../../wire-limits.ts'

const seconds = (at: Date | null) => (at === null ? null : unixSeconds(at))

/** Without its secret, which nobody knows any longer. */
export function wireApiKey(record: ApiKeyRecord): WireApiKey {
  const { vectorStoreIds } = record
  return {
    object: 'api_key',
    id: record.id,
    name: record.name,
    scopes: [...record.scopes],
    vector_store_ids: vectorStoreIds === null ? null : [...vectorStoreIds],
    limits: wireOwnLimits(record.limits),
    signing: record.signingSalt !== null,
    made_by: record.madeBy,
    created_at: unixSeconds(record.createdAt),
    expires_at: seconds(record.expiresAt),
    revoked_at: seconds(record.revokedAt),
    last_used_at: seconds(record.lastUsedAt),
    rotated_at: seconds(record.rotatedAt),
    previous_expires_at: seconds(record.previous?.until ?? null),
  }
}
