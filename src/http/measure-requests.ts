import type { FastifyInstance } from 'fastify'
import type { HttpDeps } from './http-deps.ts'

/** From what the database answers at once to what a slow model writes. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** Counts and times every request by its route, a stream until its end. A path that is no route goes by one name. */
export function measureRequests(
  app: FastifyInstance,
  { metrics }: Pick<HttpDeps, 'metrics'>,
): void {
  const labels = ['method', 'route', 'status'] as const
  const requests = metrics.counter({
    name: 'ragstone_http_requests_total',
    help: 'Requests that were answered.',
    labels,
  })
  const durations = metrics.histogram({
    name: 'ragstone_http_request_seconds',
    help: 'From the first line of a request to the last byte of its answer.',
    labels: ['method', 'route'],
    buckets: SECONDS,
  })
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    // A method is written by the caller: one that no route has would be a series of its own.
    const method = route === 'none' ? 'any' : request.method
    requests.add({ method, route, status: String(reply.raw.statusCode) })
    durations.observe({ method, route }, reply.elapsedTime / 1000)
  })
}
