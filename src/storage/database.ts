import { AsyncLocalStorage } from 'node:async_hooks'
import type { LimitableDatabase, TransactOptions, Transaction } from '../core/ports/database.ts'
import type { Reach } from '../core/reach.ts'
import { connect, type Backend } from './backend.ts'
import { askOnce } from './one-statement.ts'
import { openSession } from './session.ts'
import { settingsOf, type Within } from './tenant-settings.ts'

export interface DatabaseOptions {
  /** Told of every message sent to the server, so that round trips can be counted. */
  readonly onQuery?: (text: string) => void
}

/**
 * Tenants' transactions. Rejects with `database_unavailable` when the server is away, with `conflict` on a
 * deadlock (nothing is tried again here, because only the caller knows what else `work` does), with the signal's reason
 * when it was aborted: at once then, while the connection is being cleaned behind it.
 */
export function createDatabase(
  backend: Backend,
  { onQuery }: DatabaseOptions = {},
): LimitableDatabase {
  // Carried beside the calls, because a query that forgets to hand it on would see too much.
  const reaches = new AsyncLocalStorage<Reach>()
  return {
    limit: (reach, work) => reaches.run(reach, work),
    async transact<Result>(
      tenantId: string,
      work: (transaction: Transaction) => Promise<Result>,
      { signal, oneStatement = false, oneMoment = false }: TransactOptions = {},
    ): Promise<Result> {
      signal?.throwIfAborted()
      const within = { tenantId, reach: reaches.getStore() ?? null }
      const client = await unlessAborted(connect(backend.pool), signal, (late) => late.release())
      if (oneStatement)
        return unlessAborted(askOnce({ client, backend, onQuery, signal, within }, work), signal)
      const { query, last, ...session } = openSession({
        client,
        backend,
        onQuery,
        opening: openingOf(within, oneMoment),
      })
      try {
        const result = await unlessAborted(work({ tenantId, query, last }), signal)
        await session.commit()
        return result
      } catch (error) {
        const clean = session.rollback({ interrupt: signal?.aborted ?? false })
        if (signal?.aborted !== true) await clean
        throw error
      }
    },
  }
}

function openingOf(within: Within, oneMoment: boolean): string {
  const mode = oneMoment ? ' isolation level repeatable read read only' : ''
  return `begin${mode}; ${settingsOf(within)}`
}

/** Rejects as soon as the signal aborts; what comes too late is handed to `discard`. */
async function unlessAborted<Value>(
  pending: Promise<Value>,
  signal: AbortSignal | undefined,
  discard: (late: Value) => void = () => undefined,
): Promise<Value> {
  if (signal === undefined) return pending
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  try {
    return await Promise.race([pending, aborted])
  } catch (error) {
    if (signal.aborted) pending.then(discard, () => undefined)
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
