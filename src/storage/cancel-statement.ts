import pg from 'pg'
import type { Backend } from './backend.ts'

/**
 * On a connection of its own, because the pool may be exhausted. The embedded database runs one statement after the
 * other in one thread and cannot be told to stop: there the statement comes to its end, and nobody waits for it.
 */
export async function cancelStatement(
  { kind, pool }: Backend,
  client: pg.PoolClient,
): Promise<void> {
  if (kind === 'pglite' || !('processID' in client)) return
  const messenger = new pg.Client(pool.options)
  messenger.on('error', () => undefined)
  try {
    await messenger.connect()
    await messenger.query('select pg_cancel_backend($1)', [client.processID])
  } catch {
    // The statement then ends by itself.
  } finally {
    await messenger.end().catch(() => undefined)
  }
}
