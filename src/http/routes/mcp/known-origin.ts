import type { FastifyRequest } from 'fastify'
import { AppError } from '../../../core/errors.ts'
import { isAllowedOrigin } from '../../allowed-origin.ts'

/** The hosted clients that may say where they come from. Nobody else can make a browser send these names. */
const HOSTED = ['https://chatgpt.com', 'https://claude.ai', 'https://claude.com']
const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost']

/**
 * Against DNS rebinding: a page whose host name was pointed at this server sends that name as its origin.
 * Programs send no origin. Throws `permission_denied`.
 */
export function requireKnownOrigin(allowed: readonly string[]) {
  return async ({ headers }: FastifyRequest): Promise<void> => {
    const { origin } = headers
    if (origin === undefined || isLoopback(origin)) return
    if (isAllowedOrigin(origin, [...HOSTED, ...allowed])) return
    throw new AppError(
      'permission_denied',
      `Pages from '${origin.slice(0, 100)}' may not call this server: server.allowed_origins does not name them.`,
    )
  }
}

function isLoopback(origin: string): boolean {
  const url = URL.canParse(origin) ? new URL(origin) : null
  return url !== null && /^https?:$/.test(url.protocol) && LOOPBACK.includes(url.hostname)
}
