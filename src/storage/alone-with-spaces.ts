import { ADVISORY_LOCKS } from '../core/advisory-locks.ts'
import { AppError } from '../core/errors.ts'

/** The length of the longest indexing that should be waited for; whoever begins to index waits as long. */
const PATIENCE = '10s'
/** A search that meets a change of tables waits so long at the most. */
const QUICK = '300ms'

/** SQLSTATE: a lock was not had in time. */
const NO_LOCK = '55P03'

type Ask = (text: string) => Promise<unknown>

/** Waits until nobody indexes, and keeps everybody from it until the end of the transaction. Throws `conflict`. */
export async function lockAlone(ask: Ask): Promise<void> {
  await ask(`set local lock_timeout = '${PATIENCE}'`)
  try {
    await ask(`select pg_advisory_xact_lock(${ADVISORY_LOCKS.writtenSpaces})`)
  } catch (error) {
    if (!isLockMissed(error)) throw error
    throw new AppError(
      'conflict',
      'Documents are being indexed that take longer than this could wait; try again.',
      { cause: error, retryAfterMs: 1_000 },
    )
  }
  await ask('set local lock_timeout = 0')
}

/** From here on the transaction gives up where somebody holds what it needs, before searches queue up behind it. */
export async function beQuick(ask: Ask): Promise<void> {
  await ask(`set local lock_timeout = '${QUICK}'`)
}

export function isLockMissed(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === NO_LOCK
}
