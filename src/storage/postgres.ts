import { AppError } from '../core/errors.ts'
import { connect, type Backend } from './backend.ts'
import { createConnectionPool } from './connection-pool.ts'

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`, with `sslmode` where the server asks for TLS. */
  readonly url: string
  readonly maxConnections: number
}

const CONNECT_TIMEOUT_MS = 10_000

/** Connects once to see that the server is there. Throws `database_unavailable`. */
export async function openPostgres({ url, maxConnections }: PostgresOptions): Promise<Backend> {
  const pool = createConnectionPool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  })
  let closing: Promise<void> | undefined
  const close = () => (closing ??= pool.end())
  try {
    const client = await connect(pool)
    client.release()
  } catch (error) {
    await close()
    throw whyRefused(error)
  }
  return { kind: 'postgres', pool, close }
}

/** SQLSTATE of a server that is there but will not have us. Its own words name users and hosts, so they stay inside. */
const REFUSALS: Readonly<Record<string, string>> = {
  '28000': 'The database server refuses this user or this machine; see its pg_hba.conf.',
  '28P01': 'The database server does not accept the password; correct the database URL.',
  '3D000': 'The database named in the database URL does not exist; create it first.',
}

function whyRefused(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const message = REFUSALS[code]
  return message === undefined
    ? error
    : new AppError('database_unavailable', message, { cause: error })
}
