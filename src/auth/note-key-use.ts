import type { ApiKeyRecord, ApiKeys } from '../core/ports/api-keys.ts'
import type { Database } from '../core/ports/database.ts'

export type NoteKeyUse = (record: Pick<ApiKeyRecord, 'id' | 'lastUsedAt' | 'tenantId'>) => void

/** A key's last use is known to the minute. */
const EVERY_MS = 60_000
/** Keys remembered at most; beyond them the database is told once too often. */
const MOST_REMEMBERED = 10_000

/** Nobody waits for it: the use is noted beside the request, at most once a minute a key. */
export function noteKeyUse({
  database,
  apiKeys,
  onError,
  now = Date.now,
}: {
  readonly database: Database
  readonly apiKeys: Pick<ApiKeys, 'touch'>
  readonly onError: (error: unknown) => void
  readonly now?: () => number
}): { readonly note: NoteKeyUse; readonly settled: () => Promise<void> } {
  const noted = new Map<string, number>()
  const running = new Set<Promise<void>>()
  return {
    note({ id, lastUsedAt, tenantId }) {
      const last = Math.max(noted.get(id) ?? 0, lastUsedAt?.getTime() ?? 0)
      if (now() - last < EVERY_MS) return
      if (noted.size > MOST_REMEMBERED) noted.clear()
      noted.set(id, now())
      const work = database
        .transact(tenantId, (transaction) => apiKeys.touch(transaction, id))
        .catch(onError)
        .finally(() => running.delete(work))
      running.add(work)
    },
    settled: async () => void (await Promise.all(running)),
  }
}
