import { AppError } from '../../../core/errors.ts'

/** Tenants that this process exports at this moment. */
export type ExportTurns = Set<string>

/** Each may hold a connection of the database for as long as its caller reads. */
const MOST_AT_ONCE = 2
const RETRY_AFTER_MS = 30_000

/** Gives the way to end it. Throws `rate_limited`. */
export function beginExport(turns: ExportTurns, tenantId: string): () => void {
  if (turns.has(tenantId) || turns.size >= MOST_AT_ONCE) {
    throw new AppError(
      'rate_limited',
      turns.has(tenantId)
        ? 'This tenant is being exported already. Ask again when that has ended.'
        : `As many tenants as possible are being exported already: ${MOST_AT_ONCE} at once. Ask again when one of them has ended.`,
      { retryAfterMs: RETRY_AFTER_MS },
    )
  }
  turns.add(tenantId)
  return () => void turns.delete(tenantId)
}
