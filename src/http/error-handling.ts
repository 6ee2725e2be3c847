import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { RequestError } from './request-error.ts'
import { envelopeOf, wireFailure } from './wire-failure.ts'

export function sendFailure(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const failure = wireFailure(error)
  logFailure(error, failure.status, request)
  request.failureCode = failure.code
  if (failure.retryAfterMs !== null) {
    void reply.header('retry-after', Math.ceil(failure.retryAfterMs / 1000))
    void reply.header('retry-after-ms', failure.retryAfterMs)
  }
  if (failure.status === 401) void reply.header('www-authenticate', 'Bearer')
  // What was to be sent is not what is sent now.
  for (const name of [
    'content-disposition',
    'content-range',
    'content-length',
    'etag',
    'accept-ranges',
  ]) {
    if (failure.status !== 416 || name !== 'content-range') reply.removeHeader(name)
  }
  void reply
    .code(failure.status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(envelopeOf(failure)))
}

/** A caller's own fault is news for the caller; ours is news for us. */
export function logFailure(error: unknown, status: number, request: FastifyRequest): void {
  if (status >= 500) request.log.error({ err: error }, 'request failed')
  else request.log.debug({ err: error }, 'request refused')
}

/** 404 for an unknown path; 405, saying which methods there are, for a known one. */
export function handleUnknownRoutes(app: FastifyInstance): void {
  const routes: { readonly method: string; readonly pattern: RegExp }[] = []
  app.addHook('onRoute', ({ method, url }) => {
    // What answers preflights everywhere is no resource.
    if (url.includes('*')) return
    const pattern = new RegExp(`^${url.replaceAll(/:[a-z_]+/g, '[^/]+').replaceAll('.', '\\.')}$`)
    for (const name of [method].flat()) routes.push({ method: name, pattern })
  })
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?')
    const methods = routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method)
    const call = `${request.method} ${path.slice(0, 200)}`
    if (methods.length === 0) {
      throw new RequestError('unknown_url', `Unknown request URL: ${call}. See /openapi.json.`, {
        status: 404,
      })
    }
    void reply.header('allow', [...new Set(methods)].join(', '))
    throw new RequestError('method_not_allowed', `${call} does not exist: use ${methods[0]}.`, {
      status: 405,
    })
  })
}
