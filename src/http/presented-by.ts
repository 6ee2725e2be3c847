import type { FastifyRequest } from 'fastify'
import type { Presented } from '../auth/presented.ts'

/** What a request shows of who sends it. */
export function presentedBy({ method, raw, headers, ip }: FastifyRequest): Presented {
  return {
    authorization: headers.authorization,
    method,
    url: raw.url ?? '/',
    headers,
    // A Unix socket has no address.
    address: ip === undefined || ip === '' ? null : ip,
  }
}
