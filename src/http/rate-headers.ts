import type { FastifyReply } from 'fastify'
import type { Standing } from '../limits/rate-limiter.ts'

/**
 * `RateLimit-Policy` and `RateLimit` of the IETF's draft-ietf-httpapi-ratelimit-headers, as of its tenth version: structured
 * lists with an item for each limit, `q` its quota, `w` its window in seconds, `r` what remains, `t` the seconds until there
 * is more. Adds to what was sent for the same request before.
 */
export function sendRateHeaders(reply: FastifyReply, standings: readonly Standing[]): void {
  if (standings.length === 0) return
  add(reply, 'ratelimit-policy', standings.map(policy))
  add(reply, 'ratelimit', standings.map(state))
}

function add(reply: FastifyReply, name: string, items: readonly string[]): void {
  const before = reply.getHeader(name)
  const known = typeof before === 'string' ? [before] : []
  void reply.header(name, [...known, ...items].join(', '))
}

function policy({ name, limit, windowMs }: Standing): string {
  return `"${name}";q=${limit};w=${seconds(windowMs)}`
}

/** The draft wants Retry-After to be no earlier than `t`: where a limit refuses, both are the wait. */
function state({ name, remaining, moreInMs, waitMs }: Standing): string {
  const more = waitMs > 0 ? waitMs : moreInMs
  return `"${name}";r=${remaining}${more === null ? '' : `;t=${seconds(more)}`}`
}

const seconds = (milliseconds: number): number => Math.ceil(milliseconds / 1000)
