import { AppError } from '../core/errors.ts'

const RETRY_AFTER_MS = 1_000

/** Of sockets and of name resolution. */
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
])
/** SQLSTATE: shutting down, crashed, starting up, too many connections. Class 08 is the connection itself. */
const SERVER_AWAY = new Set(['57P01', '57P02', '57P03', '57P05', '53300'])
/** SQLSTATE: serialization failure, deadlock. */
const COLLISION = new Set(['40001', '40P01'])
/** SQLSTATE: insufficient privilege. */
const INSUFFICIENT = '42501'
/** What the driver says of a connection that is gone; it gives these no code. */
const DRIVER =
  /^(Connection terminated|Client has encountered a connection error|timeout e|timeout exceeded|Client was closed|The server does not support SSL|Cannot use a pool after)/

/**
 * The same failure in words a caller may read, where the database itself is at fault: `database_unavailable` when it
 * is away, `conflict` when two transactions ran into each other and trying again may help. Anything else, a broken
 * statement above all, comes back as it is.
 */
export function asDatabaseError(error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error
  const code = codeOf(error)
  if (COLLISION.has(code))
    return new AppError('conflict', 'Somebody else changed the same data just now; try again.', {
      cause: error,
      retryAfterMs: 100,
    })
  // A key for certain vector stores reached for what lies outside them; what lies outside its tenant is our own fault.
  if (code === INSUFFICIENT && /row-level security policy "limited"/.test(error.message))
    return new AppError(
      'permission_denied',
      'This API key is for certain vector stores only: what it makes must be in one of them.',
      { cause: error },
    )
  if (isConnectionLost(error))
    return new AppError('database_unavailable', 'The database cannot be reached; try again soon.', {
      cause: error,
      retryAfterMs: RETRY_AFTER_MS,
    })
  return error
}

/** True where the connection cannot be used again. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = codeOf(error)
  return (
    NETWORK.has(code) ||
    SERVER_AWAY.has(code) ||
    code.startsWith('08') ||
    (code === '' && DRIVER.test(error.message)) ||
    (error instanceof AggregateError && error.errors.some(isConnectionLost)) ||
    isConnectionLost(error.cause)
  )
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}
