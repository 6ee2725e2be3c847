import { Type } from 'typebox'
import { health, liveness, readiness } from '../../../contract/health.ts'
import { identify, mayDo } from '../../authorization.ts'
import type { HealthReport } from '../../health-report.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'

const TAGS = ['Health']

export function healthRoutes(app: Routes, deps: RouteDeps): void {
  const report = async (): Promise<HealthReport> => {
    if (!deps.calls.open) return { status: 'down', checks: [] }
    return deps.health().catch(() => ({ status: 'down', checks: [] }))
  }

  app.get(
    '/livez',
    {
      schema: { tags: TAGS, summary: 'The process answers', response: { 200: liveness } },
      config: { scope: 'public', unlimited: true },
    },
    async () => ({ status: 'ok' as const }),
  )

  app.get(
    '/readyz',
    {
      schema: {
        tags: TAGS,
        summary: 'Requests may be sent here',
        response: { 200: readiness, 503: readiness },
      },
      config: { scope: 'public', unlimited: true },
    },
    async (_request, reply) => {
      const { status } = await report()
      return reply.code(status === 'down' ? 503 : 200).send({ status })
    },
  )

  app.get(
    '/healthz',
    {
      schema: {
        tags: TAGS,
        summary: 'How the server is',
        description: 'With a key that has the scope `admin`: each part, and what to do.',
        response: { 200: health, 503: health },
      },
      config: { scope: 'public' },
    },
    async (request, reply) => {
      const { status, checks } = await report()
      const admin = await identify(request, deps).then(
        (principal) => mayDo(principal, 'admin'),
        () => false,
      )
      const details = { version: deps.version, checks: checks.map((check) => ({ ...check })) }
      return reply.code(status === 'down' ? 503 : 200).send({ status, ...(admin ? details : {}) })
    },
  )

  app.get(
    '/openapi.json',
    {
      schema: {
        tags: TAGS,
        summary: 'This description',
        response: { 200: Type.Unsafe<object>({ type: 'object' }) },
      },
      config: { scope: 'public' },
    },
    async () => app.swagger(),
  )
}
