import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { identify, requireScope } from '../../authorization.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'

const EXAMPLE = `# HELP ragstone_http_requests_total Requests that were answered.
# TYPE ragstone_http_requests_total counter
ragstone_http_requests_total{method="POST",route="/v1/responses",status="200"} 12
`

export function metricsRoutes(app: Routes, deps: RouteDeps): void {
  app.get(
    '/metrics',
    {
      schema: {
        tags: ['Health'],
        summary: 'What the server counts, for Prometheus',
        description:
          'Of all tenants together: with a key that has the scope `operator`, or the token of `server.metrics_token`.',
        response: {
          200: {
            description: "Prometheus's text format.",
            content: { 'text/plain': { schema: Type.String(), example: EXAMPLE } },
          },
        },
      },
      // The token is no API key: who asks is seen to below.
      config: { scope: 'public', failures: [401, 403, 429, 503], unlimited: true },
    },
    async (request, reply) => {
      if (!hasToken(request, deps.settings.metricsToken)) {
        requireScope(await identify(request, deps), 'operator')
      }
      return reply.type(deps.metrics.contentType).send(await deps.metrics.read())
    },
  )
}

function hasToken({ headers }: FastifyRequest, token: string | null | undefined): boolean {
  if (token === null || token === undefined) return false
  return timingSafeEqual(digest(`Bearer ${token}`), digest(headers.authorization ?? ''))
}

const digest = (text: string) => createHash('sha256').update(text).digest()
