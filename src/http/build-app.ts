import cookies from '@fastify/cookie'
import multipart from '@fastify/multipart'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { fastify, type FastifyInstance } from 'fastify'
import { AppError } from '../core/errors.ts'
import { createId } from '../core/id.ts'
import { answerOrigins } from './answer-origins.ts'
import { auditRequests, beginDeeds } from './audit-requests.ts'
import { requireAuthorization } from './authorization.ts'
import { createCalls } from './calls.ts'
import { answerClientError, answerExpectations } from './client-errors.ts'
import { checkDigests } from './check-digest.ts'
import { handleUnknownRoutes, sendFailure } from './error-handling.ts'
import type { HttpDeps } from './http-deps.ts'
import { honourIdempotencyKeys } from './idempotency.ts'
import { takeJsonBodies } from './json-bodies.ts'
import { measureRequests } from './measure-requests.ts'
import { noteActivity } from './note-activity.ts'
import { limitToStores } from './limit-to-stores.ts'
import { noteSearches } from './note-questions.ts'
import { describeApi } from './openapi.ts'
import { registerRoutes } from './routes/register-routes.ts'
import { secureHeaders } from './secure-headers.ts'
import { shedLoad } from './shed-load.ts'
import { refuseUnstorable } from './storable-input.ts'
import { compileValidator } from './validation.ts'

const REQUEST_TIMEOUT_MS = 300_000
const HEADERS_TIMEOUT_MS = 15_000
const CONNECTIONS_CHECK_MS = 5_000
const MAX_CONNECTIONS = 10_000
const MAX_HEADER_BYTES = 16_384
const MAX_HEADERS = 100

/** The HTTP application, not yet listening. Closing it lets calls under way finish within their grace. */
export function buildApp(deps: HttpDeps): FastifyInstance {
  const { settings } = deps
  const calls = createCalls()
  const { settled, answer, search } = noteActivity(deps)
  const observed = { answer, search: noteSearches(search, deps) }
  const app = fastify({
    loggerInstance: deps.logger,
    bodyLimit: settings.bodyLimitBytes,
    // The local socket has no proxy before it.
    trustProxy: deps.principal === undefined ? [...(settings.trustedProxies ?? [])] : false,
    genReqId: () => createId('req_'),
    requestIdHeader: false,
    // Ours says so in an envelope and with a request id.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true },
    clientErrorHandler: answerClientError,
    requestTimeout: settings.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    http: {
      headersTimeout: settings.headersTimeoutMs ?? HEADERS_TIMEOUT_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      connectionsCheckingInterval: settings.connectionsCheckMs ?? CONNECTIONS_CHECK_MS,
    },
    frameworkErrors: (error, request, reply) => {
      void reply.header('x-request-id', request.id)
      void reply.headers(secureHeaders(request))
      sendFailure(error, request, reply)
    },
  }).withTypeProvider<TypeBoxTypeProvider>()

  app.server.maxConnections = settings.maxConnections ?? MAX_CONNECTIONS
  app.server.maxHeadersCount = MAX_HEADERS
  answerExpectations(app.server)

  takeJsonBodies(app)
  app.setValidatorCompiler(compileValidator)
  // Schemas describe what is sent; a serialiser made from them would drop what they forget.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  app.setErrorHandler(sendFailure)
  handleUnknownRoutes(app)

  measureRequests(app, deps)
  auditRequests(app, deps)
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id)
    void reply.headers(secureHeaders(request))
    if (!calls.open && request.routeOptions.config.scope !== 'public') {
      throw new AppError('shutting_down', 'The server is being stopped; ask again in a moment.')
    }
  })
  answerOrigins(app, settings.allowedOrigins ?? [])
  shedLoad(app, settings.pressure)
  requireAuthorization(app, deps)
  checkDigests(app)
  limitToStores(app, deps)
  honourIdempotencyKeys(app, deps)
  beginDeeds(app, deps)
  app.addHook('preValidation', async ({ body, query, params }) => {
    for (const input of [body, query, params]) refuseUnstorable(input)
  })
  app.addHook('preClose', () => calls.drain(settings.shutdownGraceMs))
  app.addHook('onClose', () => settled())

  void app.register(cookies)
  void app.register(multipart, { limits: { fileSize: settings.fileLimitBytes } })
  void app.register(async (scope) => {
    await describeApi(scope, deps.version)
    registerRoutes(scope, { ...deps, ...observed, calls })
  })
  return app
}
