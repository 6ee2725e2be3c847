import { whoami } from '../../../contract/whoami.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'

export function accessRoutes(app: Routes, _deps: RouteDeps): void {
  app.get(
    '/api/whoami',
    {
      schema: {
        tags: ['Access'],
        summary: 'Who is calling',
        response: { 200: whoami },
      },
      config: { scope: 'any' },
    },
    async ({ principal }) => ({
      object: 'principal' as const,
      tenant_id: principal.tenantId,
      key_id: principal.keyId,
      user_id: principal.userId,
      service_id: principal.serviceId,
      role: principal.role,
      scopes: [...principal.scopes],
    }),
  )
}
