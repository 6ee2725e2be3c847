import { AppError } from '../core/errors.ts'
import type { VectorStoreRecord } from '../core/ports/vector-stores.ts'

const DAY_MS = 86_400_000

type Expiring = Pick<VectorStoreRecord, 'expiresAfterDays' | 'lastActiveAt'>

export function expiryOf({ expiresAfterDays, lastActiveAt }: Expiring): Date | null {
  if (expiresAfterDays === null) return null
  return new Date(lastActiveAt.getTime() + expiresAfterDays * DAY_MS)
}

/** Throws `input_rejected` for a store past its time: it can be looked at and deleted, not used. */
export function requireUnexpired(store: Expiring & Pick<VectorStoreRecord, 'id'>): void {
  const expiry = expiryOf(store)
  if (expiry === null || expiry.getTime() > Date.now()) return
  throw new AppError(
    'input_rejected',
    `The vector store '${store.id}' expired on ${expiry.toISOString()}: use another one, or update its expires_after.`,
    { param: 'vector_store_id' },
  )
}
