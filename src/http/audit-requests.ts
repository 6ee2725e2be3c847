import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { SERVER_LOG, type AuditEntry, type AuditOutcome } from '../core/ports/audit.ts'
import { actorOf } from './actor-of.ts'
import { addressOf } from './asked-by.ts'
import { auditAction } from './audit-action.ts'
import type { Deed } from './deeds.ts'
import type { HttpDeps } from './http-deps.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * What the audit log calls this. Absent: unsafe methods are named after the path, safe ones leave an entry only when
     * they are refused. `question.…`: the pipeline writes down what was done. `nothing`: only refusals.
     */
    readonly audit?: string
  }
  interface FastifyRequest {
    /** What the handler knows better than the path: what it is done to, what else is worth keeping, whether anything is. */
    readonly audited: { target?: string; quiet?: true; readonly detail: Record<string, unknown> }
    deed: Deed | null
    /** What the caller was told, where it was refused or failed. */
    failureCode: string | null
  }
}

type AuditedDeps = Pick<HttpDeps, 'audit'>

const SAFE = ['GET', 'HEAD', 'OPTIONS']

/**
 * Every unsafe request leaves an entry in the audit log: in the transaction that does what was asked where there is
 * one, else behind its answer. Register it before whatever else changes things when an answer is sent.
 */
export function auditRequests(app: FastifyInstance, deps: AuditedDeps): void {
  const audited = new WeakMap<FastifyRequest, FastifyRequest['audited']>()
  // A request may be refused before any hook has seen it.
  app.decorateRequest('audited', {
    getter() {
      const known = audited.get(this) ?? { detail: {} }
      audited.set(this, known)
      return known
    },
  })
  app.decorateRequest('deed', null)
  app.decorateRequest('failureCode', null)
  const finish = (request: FastifyRequest, reply: FastifyReply): void => {
    const deed = request.deed ?? deedOf(request)
    request.deed = deed
    if (deed.over) return
    deed.over = true
    const outcome = outcomeOf(reply.statusCode)
    if (!isWorthNoting(request, { outcome, noted: deed.noted })) return
    const entry = reply.statusCode === 401 ? unknownCaller(request) : entryOf(request, outcome)
    const code = request.failureCode
    const failure = code === null ? {} : { code }
    deps.audit.notes.note(tenantOf(request), { ...entry, detail: { ...entry.detail, ...failure } })
  }
  app.addHook('onSend', async (request, reply, payload) => {
    finish(request, reply)
    return payload
  })
  // Of a stream, which is sent by hand.
  app.addHook('onResponse', async (request, reply) => finish(request, reply))
}

/** From here on what the handler changes is the request's deed. Register it after whatever changes things before. */
export function beginDeeds(app: FastifyInstance, deps: AuditedDeps): void {
  app.addHook('preHandler', (request, _reply, done) => {
    const action = actionOf(request)
    if (action === null || request.is404) return done()
    request.deed = deedOf(request)
    deps.audit.during(request.deed, done)
  })
}

function deedOf(request: FastifyRequest): Deed {
  return {
    tenantId: tenantOf(request),
    entry: () => entryOf(request, 'done'),
    byTransaction: !isQuestion(request),
    noted: false,
    over: false,
  }
}

/** Null where nothing is noted but a refusal. */
function actionOf({ method, routeOptions }: FastifyRequest): string | null {
  const { config, url = '' } = routeOptions
  if (config.audit === 'nothing') return null
  return config.audit ?? (SAFE.includes(method) ? null : auditAction(method, url))
}

function isQuestion(request: FastifyRequest): boolean {
  return actionOf(request)?.startsWith('question.') === true
}

function isWorthNoting(
  request: FastifyRequest,
  { outcome, noted }: { readonly outcome: AuditOutcome; readonly noted: boolean },
): boolean {
  if (request.is404 || request.audited.quiet === true) return false
  if (actionOf(request) === null) return outcome === 'refused'
  if (isQuestion(request)) return outcome !== 'done' && !noted
  return outcome !== 'done' || !noted
}

function outcomeOf(status: number): AuditOutcome {
  if (status < 400) return 'done'
  return [401, 402, 403, 429].includes(status) ? 'refused' : 'failed'
}

/** What cannot be told to be a tenant's belongs to the server; a tenant that was named is not yet one that is there. */
function tenantOf(request: FastifyRequest): string {
  const { tenant, principal }: Partial<Pick<FastifyRequest, 'principal' | 'tenant'>> = request
  if (tenant !== undefined) return tenant.id
  const named = request.headers['ragstone-tenant']
  return principal === undefined || principal.tenantId === named ? SERVER_LOG : principal.tenantId
}

function entryOf(request: FastifyRequest, outcome: AuditOutcome): AuditEntry {
  const { method, routeOptions, audited } = request
  const { principal } = request as { readonly principal?: FastifyRequest['principal'] }
  const params = Object.entries(Object(request.params) as Record<string, string>)
  const [, last = null] = params.at(-1) ?? []
  return {
    action: actionOf(request) ?? auditAction(method, routeOptions.url ?? ''),
    actor: principal === undefined ? { kind: 'anonymous', id: null } : actorOf(principal),
    target: audited.target ?? last,
    outcome,
    requestId: request.id,
    address: addressOf(request),
    detail: {
      ...Object.fromEntries(params.slice(0, -1)),
      ...saidOf(request.body),
      ...audited.detail,
    },
  }
}

const LONGEST = 200
const MOST = 20

/** What a body says that tells one deed from another: ids, names and rights. */
function saidOf(body: unknown): Record<string, unknown> {
  const members = Object.entries(Object(body) as Record<string, unknown>)
  return Object.fromEntries(
    members.flatMap(([name, value]) => {
      if (!/(^|_)(ids?|name|role|scopes|tier)$/.test(name)) return []
      const kept = [value].flat().slice(0, MOST)
      if (!kept.every((each) => typeof each === 'string' && each.length <= LONGEST)) return []
      return [[name, Array.isArray(value) ? kept : value]]
    }),
  )
}

/** Whatever the door: so that a flood of guesses is one entry a minute. */
function unknownCaller(request: FastifyRequest): AuditEntry {
  const { method, routeOptions } = request
  return {
    ...entryOf(request, 'refused'),
    action: 'credentials.refuse',
    target: null,
    detail: { route: `${method} ${routeOptions.url ?? ''}` },
  }
}
