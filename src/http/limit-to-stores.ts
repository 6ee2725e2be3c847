import type { FastifyInstance } from 'fastify'
import type { HttpDeps } from './http-deps.ts'

/**
 * What a key for certain vector stores sets going sees nothing else of its tenant, in whatever route: the database holds
 * it to them. Before the handlers and not earlier, because what is started while a body is still read is started by the
 * connection and not by the request.
 */
export function limitToStores(
  app: FastifyInstance,
  { database }: Pick<HttpDeps, 'database'>,
): void {
  app.addHook('preHandler', (request, _reply, done) => {
    // Public routes have no principal.
    const { principal } = request as { readonly principal?: typeof request.principal }
    const { keyId = null, vectorStoreIds = null } = principal ?? {}
    if (keyId === null || vectorStoreIds === null) return done()
    database.limit({ keyId, vectorStoreIds }, done)
  })
}
