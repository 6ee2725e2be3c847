import type pg from 'pg'
import { asDatabaseError } from './database-error.ts'

/** A PostgreSQL 18 with pgvector and pg_textsearch, wherever it runs. */
export interface Backend {
  readonly kind: 'pglite' | 'postgres'
  readonly pool: pg.Pool
  /** Waits for connections in use, then lets go of the database. Closing twice is closing once. */
  close(): Promise<void>
}

/** A client of the pool. Throws `database_unavailable`. */
export async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    const client = await pool.connect()
    // Without a listener, a connection lost between two statements would end the process.
    if (client.listenerCount('error') === 0) client.on('error', () => undefined)
    return client
  } catch (error) {
    throw asDatabaseError(error)
  }
}
