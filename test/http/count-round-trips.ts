import type { EventEmitter } from 'node:events'
import type pg from 'pg'
import type { Backend } from '../../src/storage/backend.ts'

/** How often the server has said that it is ready for more, on any connection of the pool: once a round trip. */
export function countRoundTrips({ pool }: Pick<Backend, 'pool'>): () => number {
  const known = new WeakSet<pg.PoolClient>()
  let roundTrips = 0
  pool.on('acquire', (client) => {
    if (known.has(client)) return
    known.add(client)
    // `pg` keeps its connection to itself in its types.
    const { connection } = client as unknown as { readonly connection: EventEmitter }
    connection.on('readyForQuery', () => {
      roundTrips += 1
    })
  })
  return () => roundTrips
}
