import type { ApiKeyRecord, ApiKeys } from '../core/ports/api-keys.ts'

/** The keys as requests need them: known without a round trip while warm. */
export interface KeyDirectory {
  readonly find: (id: string) => Promise<ApiKeyRecord | null>
  /** At once on this process; within `WARM_MILLISECONDS` on the others. */
  readonly forget: (id: string) => void
}

/** How long a revoked key may still work elsewhere, in exchange for a look-up saved on every request. */
const WARM_MILLISECONDS = 5_000
const WARM_KEYS = 10_000

export function createKeyDirectory({
  apiKeys,
  now = Date.now,
}: {
  readonly apiKeys: Pick<ApiKeys, 'findPresented'>
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}): KeyDirectory {
  /** Oldest use first. What is not known is not kept: whoever guesses ids would push out those in use. */
  const warm = new Map<string, { readonly record: ApiKeyRecord; readonly until: number }>()
  /** A record that was asked for before its key was changed here must not be kept after it. */
  let changes = 0

  return {
    async find(id) {
      const known = warm.get(id)
      warm.delete(id)
      if (known !== undefined && known.until > now()) {
        warm.set(id, known)
        return known.record
      }
      const asked = { at: now(), changes }
      const record = await apiKeys.findPresented(id)
      if (record === null || asked.changes !== changes) return record
      warm.set(id, { record, until: asked.at + WARM_MILLISECONDS })
      const oldest = warm.size > WARM_KEYS ? warm.keys().next().value : undefined
      if (oldest !== undefined) warm.delete(oldest)
      return record
    },
    forget(id) {
      changes += 1
      warm.delete(id)
    },
  }
}
