import pg from 'pg'

const INT8 = 20

/** A pool whose `bigint` columns are numbers, and whose idle connections may die without taking the process along. */
export function createConnectionPool(options: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({
    connectionTimeoutMillis: 10_000,
    ...options,
    types: {
      getTypeParser: (oid: number, format?: 'binary' | 'text') =>
        oid === INT8
          ? readInt8
          : (pg.types.getTypeParser(oid, format) as (text: string) => unknown),
    },
  })
  // A server that restarts ends idle connections; the next use opens new ones or says what is wrong.
  pool.on('error', () => {})
  return pool
}

function readInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond what a number holds.`)
  return value
}
