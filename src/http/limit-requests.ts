import type { FastifyReply, FastifyRequest } from 'fastify'
import { addressGroup } from '../auth/address-group.ts'
import { AppError } from '../core/errors.ts'
import type { Standing, Verdict } from '../limits/rate-limiter.ts'
import type { LimitedCaller } from '../limits/rate-scopes.ts'
import { effectiveLimits } from '../tenancy/effective-limits.ts'
import type { HttpDeps } from './http-deps.ts'
import { sendRateHeaders } from './rate-headers.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Each request asks a question, and counts as one too. */
    readonly asks?: true
    /** Never refused for how often it is called: whoever watches over the server calls it. */
    readonly unlimited?: true
  }
}

type LimitDeps = Pick<HttpDeps, 'principal' | 'rateLimiter' | 'tiers'>
interface Exchange {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** Counts a request whose caller is known. Throws `rate_limited`. */
export async function limitCaller(deps: LimitDeps, { request, reply }: Exchange): Promise<void> {
  const { config } = request.routeOptions
  if (isUnlimited(deps, request)) return
  const caller = limitedCaller(deps, request)
  enforce(await deps.rateLimiter.request(caller, config.asks === true ? 1 : 0), reply)
}

/** Counts questions that showed only when the request was read. Throws `rate_limited`. */
export async function limitQuestions(
  deps: LimitDeps,
  { request, reply }: Exchange,
  count: number,
): Promise<void> {
  if (count === 0 || isUnlimited(deps, request)) return
  enforce(await deps.rateLimiter.questions(limitedCaller(deps, request), count), reply)
}

/** Counts a request of nobody in particular against its address. Throws `rate_limited`. */
export async function limitStranger(deps: LimitDeps, { request, reply }: Exchange): Promise<void> {
  if (isUnlimited(deps, request)) return
  enforce(await deps.rateLimiter.stranger(addressOf(request)), reply)
}

/** The owner of the machine, who comes over the local socket, is never held up. */
function isUnlimited({ principal }: LimitDeps, { routeOptions }: FastifyRequest): boolean {
  return principal !== undefined || routeOptions.config.unlimited === true
}

function limitedCaller({ tiers }: LimitDeps, request: FastifyRequest): LimitedCaller {
  const { keyId, userId, sessionId, tenantId, limits } = request.principal
  return {
    address: addressOf(request),
    keyId,
    userId,
    sessionId,
    tenantId,
    keyLimits: limits,
    tenantLimits: effectiveLimits(tiers, request.tenant),
  }
}

function addressOf({ ip }: FastifyRequest): string | null {
  return ip === undefined || ip === '' ? null : addressGroup(ip)
}

function enforce({ allowed, standings }: Verdict, reply: FastifyReply): void {
  sendRateHeaders(reply, standings)
  if (allowed) return
  const longest = standings.reduce((worst, each) => (each.waitMs > worst.waitMs ? each : worst))
  throw new AppError('rate_limited', sentenceOf(longest), { retryAfterMs: longest.waitMs })
}

const WHOSE: Readonly<Record<string, string>> = {
  address: 'this address',
  key: 'this API key',
  session: 'this session',
  stranger: 'this address without valid credentials',
  tenant: 'this tenant',
  user: 'this user',
}

function sentenceOf({ name, limit, waitMs, windowMs }: Standing): string {
  const [holder = '', kind = 'requests'] = name.split('-')
  // Without a penalty the wait is at most the window and one slot of it.
  const again =
    waitMs > windowMs * 1.01
      ? ' It went over its limit again and again, so it has to wait longer.'
      : ''
  return `Too many ${kind} of ${WHOSE[holder] ?? holder}: it may make ${limit} a minute.${again} Try again in ${Math.ceil(waitMs / 1000)} s.`
}
