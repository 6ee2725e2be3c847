import { tenant as wiredTenant, tenantParams } from '../../../contract/tenant.ts'
import { AppError } from '../../../core/errors.ts'
import type { FastifyRequest } from 'fastify'
import type { TenantStatus } from '../../../core/tenant.ts'
import { notFound } from '../../not-found.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { noteTenant } from './note-tenant.ts'
import { wireTenant } from './wire-tenant.ts'

const TAGS = ['Tenants']

export function suspensionRoutes(app: Routes, deps: RouteDeps): void {
  const { database, tenants, tenantDirectory, tenantJobs, auditLog, tiers } = deps

  const become = async (request: FastifyRequest, id: string, status: TenantStatus) => {
    const tenant = await database.transact(request.principal.tenantId, async (transaction) => {
      const now = await tenants.update(transaction, id, {})
      if (now === null) throw notFound('tenant', id)
      if (now.status === 'erasing') {
        throw new AppError('conflict', 'This tenant is being erased, which nothing can undo.')
      }
      if (now.status === status) return now
      const action = status === 'suspended' ? 'tenant.suspend' : 'tenant.resume'
      await noteTenant(auditLog, transaction, { request, action, target: id })
      return tenants.update(transaction, id, { status })
    })
    tenantDirectory.forget(id)
    return tenant ?? Promise.reject(notFound('tenant', id))
  }

  app.post(
    '/api/tenants/:tenant_id/suspend',
    {
      schema: {
        tags: TAGS,
        summary: 'Suspend a tenant',
        description:
          'Its requests are refused with `tenant_suspended`: by this process at once, by others within 5 seconds. Answers that have begun are finished. Its ingestion waits. Nothing is lost.',
        params: tenantParams,
        response: { 200: wiredTenant },
      },
      config: { scope: 'operator', failures: [409] },
    },
    async (request) => {
      const { tenant_id: id } = request.params
      if (id === request.principal.tenantId) {
        throw new AppError(
          'conflict',
          'You act from this tenant: suspended, it could not be resumed.',
        )
      }
      return wireTenant(tiers, await become(request, id, 'suspended'))
    },
  )

  app.post(
    '/api/tenants/:tenant_id/resume',
    {
      schema: {
        tags: TAGS,
        summary: 'Resume a suspended tenant',
        description: 'Its ingestion goes on where it waited.',
        params: tenantParams,
        response: { 200: wiredTenant },
      },
      config: { scope: 'operator', failures: [409] },
    },
    async (request) => {
      const resumed = await become(request, request.params.tenant_id, 'active')
      // After the commit: what is put aside from now on sees an active tenant, and is not.
      await tenantJobs.wake()
      return wireTenant(tiers, resumed)
    },
  )
}
