import type { FastifyRequest } from 'fastify'

/** For answers that no browser is to show; the pages under /docs set their own policy. */
const HEADERS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // What is one caller's is kept by nobody else; a route that knows better says so.
  'cache-control': 'no-store',
} as const
const TWO_YEARS = 'max-age=63072000; includeSubDomains'

/** Of every answer. Browsers are told to stay with TLS only where they came by it. */
export function secureHeaders({
  protocol,
}: Pick<FastifyRequest, 'protocol'>): Record<string, string> {
  return protocol === 'https' ? { ...HEADERS, 'strict-transport-security': TWO_YEARS } : HEADERS
}
