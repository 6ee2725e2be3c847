import { createHash, randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../core/errors.ts'
import type { Transaction } from '../core/ports/database.ts'
import type { HttpDeps } from './http-deps.ts'
import { RequestError, invalidValue } from './request-error.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Takes the header Idempotency-Key: the same request with the same key is done once. */
    readonly idempotent?: boolean
  }
  interface FastifyRequest {
    /** What tells this request from another one, where that is not its body. */
    essence: unknown
    /** While its answer is still to be kept. */
    keeping: Keeping | null
  }
}

interface Keeping {
  readonly claim: string
  readonly renewal: NodeJS.Timeout
}

type IdempotencyDeps = Pick<HttpDeps, 'database' | 'idempotencyKeys'>

/** A server that has not renewed its claim for so long is taken for dead. */
const CLAIM_SECONDS = 60
const RENEW_EVERY_MS = 15_000
const RETRY_AFTER_MS = 500
const KEY = /^[\x20-\x7e]{1,255}$/
/** Of failures that may have passed when the request comes again. */
const PASSING = [402, 408, 409, 429, 499]

/**
 * The answer to a request with a key is kept for a day, and given again instead of doing the work again. A stream is not
 * kept: there the key has no effect. The work and the keeping are two transactions: a server that dies between
 * them has done the work, and will do it again.
 */
export function honourIdempotencyKeys(app: FastifyInstance, deps: IdempotencyDeps): void {
  app.decorateRequest('essence', null)
  app.decorateRequest('keeping', null)

  app.addHook('preHandler', async (request, reply) => {
    const key = request.headers['idempotency-key']
    if (request.routeOptions.config.idempotent !== true || key === undefined) return
    if (Object(request.body).stream === true) return
    return claimOrReplay(deps, { request, key: String(key) }, reply)
  })

  app.addHook('onSend', async (request, reply, payload) => {
    if (request.keeping !== null) await settle(deps, request, { status: reply.statusCode, payload })
    return payload
  })
  // What was never sent is not kept.
  app.addHook('onResponse', async (request) => {
    if (request.keeping !== null) await settle(deps, request, { status: 499, payload: null })
  })
}

async function claimOrReplay(
  { database, idempotencyKeys }: IdempotencyDeps,
  { request, key }: { readonly request: FastifyRequest; readonly key: string },
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  if (!KEY.test(key)) {
    throw invalidValue(
      'Idempotency-Key',
      "'Idempotency-Key' must be 1 to 255 printable ASCII characters: a UUID, say.",
    )
  }
  const { tenantId } = request.principal
  const within = <Result>(work: (transaction: Transaction) => Promise<Result>) =>
    database.transact(tenantId, work)
  const claim = randomUUID()
  const route = `${ownerOf(request)}${request.method} ${request.routeOptions.url ?? ''}`
  const by = { claim, fingerprint: fingerprintOf(request), seconds: CLAIM_SECONDS }
  const outcome = await within((transaction) =>
    idempotencyKeys.claim(transaction, { route, key }, by),
  )
  if (outcome.state === 'reused') {
    throw new RequestError(
      'idempotency_key_reused',
      'This Idempotency-Key came with another request before: take a new one for each request.',
      { param: 'Idempotency-Key' },
    )
  }
  if (outcome.state === 'running') {
    throw new AppError(
      'conflict',
      'A request with this Idempotency-Key is still being worked on: ask again in a moment.',
      { param: 'Idempotency-Key', retryAfterMs: RETRY_AFTER_MS },
    )
  }
  if (outcome.state === 'kept') {
    // What is answered again was noted when it was done.
    request.audited.quiet = true
    return reply
      .code(outcome.answer.status)
      .header('idempotency-replayed', 'true')
      .type('application/json; charset=utf-8')
      .send(outcome.answer.body)
  }
  const renew = () =>
    void within((transaction) => idempotencyKeys.renew(transaction, claim, CLAIM_SECONDS)).catch(
      (error: unknown) => request.log.warn({ err: error }, 'idempotency key not renewed'),
    )
  request.keeping = { claim, renewal: setInterval(renew, RENEW_EVERY_MS).unref() }
  return undefined
}

/** A failure to keep it is logged: the caller is told of the work as it went. */
async function settle(
  { database, idempotencyKeys }: IdempotencyDeps,
  request: FastifyRequest,
  { status, payload }: { readonly status: number; readonly payload: unknown },
): Promise<void> {
  if (request.keeping === null) return
  const { claim, renewal } = request.keeping
  request.keeping = null
  clearInterval(renewal)
  const isFinal = status < 500 && !PASSING.includes(status)
  try {
    await database.transact(request.principal.tenantId, (transaction) =>
      isFinal && typeof payload === 'string'
        ? idempotencyKeys.keep(transaction, claim, { status, body: payload })
        : idempotencyKeys.release(transaction, claim),
    )
  } catch (error) {
    request.log.warn({ err: error }, 'answer not kept under its idempotency key')
  }
}

/** A key for certain vector stores is told no answer that another key was given. */
function ownerOf({ principal }: FastifyRequest): string {
  return principal.vectorStoreIds === null ? '' : `${principal.keyId} `
}

/** The URL counts, for it names what is changed; the order of members does not. */
function fingerprintOf({ url, body, essence }: FastifyRequest): string {
  const said = JSON.stringify([url, essence ?? body ?? null], (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
  return createHash('sha256').update(said).digest('hex')
}
