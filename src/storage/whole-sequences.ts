import type { PGlite } from '@electric-sql/pglite'

/** What the socket server asks of the database. */
type Served = Pick<
  PGlite,
  'exec' | 'execProtocolRawStream' | 'isInTransaction' | 'runExclusive' | 'waitReady'
>

/** Parse, Bind, Describe, Execute, Close, Flush: after one of these the client's sequence goes on until its Sync. */
const INSIDE_A_SEQUENCE = new Set(Buffer.from('PBDECH'))

/**
 * The socket server lets messages of all connections take turns except inside a transaction, but PGlite has one session
 * with one unnamed statement: between a Parse and its Execute another connection's Parse would take its place, and the
 * wrong statement would run. So a sequence that has begun counts as a transaction until its Sync.
 */
export function keepSequencesWhole(db: PGlite): PGlite {
  let inside = false
  const served: Served = {
    waitReady: db.waitReady,
    isInTransaction: () => inside || db.isInTransaction(),
    runExclusive: (work) => db.runExclusive(work),
    execProtocolRawStream(message, options) {
      inside = INSIDE_A_SEQUENCE.has(message[0] ?? 0)
      return db.execProtocolRawStream(message, options)
    },
    // How the server cleans up after a connection that went away in the middle.
    exec(statement, options) {
      inside = false
      return db.exec(statement, options)
    },
  }
  return served as PGlite
}
