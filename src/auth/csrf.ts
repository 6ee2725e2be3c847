import { createHmac, timingSafeEqual } from 'node:crypto'
import { AppError } from '../core/errors.ts'
import type { Presented } from './presented.ts'

type Headers = Presented['headers']

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS']
const CSRF_HEADER = 'x-csrf-token'

/** Follows from the session's secret, so that nothing has to be kept, and cannot be had without it. */
export function csrfTokenOf(sessionSecret: string): string {
  return createHmac('sha256', sessionSecret).update('csrf').digest('base64url')
}

/**
 * A browser sends the cookie along with whatever page makes it: what changes something must come from a page of ours, and
 * carry the token that only such a page can have read. Throws `cross_site_refused`.
 */
export function insistOnOwnPage(
  { method, headers }: Pick<Presented, 'headers' | 'method'>,
  sessionSecret: string,
  publicUrl: string | null,
): void {
  if (SAFE_METHODS.includes(method)) return
  insistOnOwnOrigin(headers, publicUrl)
  const given = Buffer.from(String(headers[CSRF_HEADER] ?? ''))
  const wanted = Buffer.from(csrfTokenOf(sessionSecret))
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return
  throw new AppError(
    'cross_site_refused',
    'A request with a session cookie needs the header X-CSRF-Token: GET /auth/session says it.',
  )
}

/** Where the browser says that another site made the request. Programs say nothing, and are let through. */
export function insistOnOwnOrigin(headers: Headers, publicUrl: string | null): void {
  const site = headers['sec-fetch-site']
  const { origin } = headers
  const foreignSite = site !== undefined && site !== 'same-origin' && site !== 'none'
  if (!foreignSite && (origin === undefined || isOwn(String(origin), headers, publicUrl))) return
  throw new AppError('cross_site_refused', 'Pages of other sites may not do this.')
}

function isOwn(origin: string, headers: Headers, publicUrl: string | null): boolean {
  if (publicUrl !== null) return origin === new URL(publicUrl).origin
  return URL.canParse(origin) && new URL(origin).host === headers['host']
}
