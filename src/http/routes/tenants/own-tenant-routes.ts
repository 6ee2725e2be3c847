import { ownTenantUpdate, tenantInUse } from '../../../contract/tenant.ts'
import { notFound } from '../../not-found.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { noteTenant } from './note-tenant.ts'
import { readSettings } from './read-change.ts'
import { wireTenantInUse } from './wire-tenant.ts'

const TAGS = ['Tenants']
const OWN = '/api/tenant'

/** For the admins of a tenant: their own, and what it may use. */
export function ownTenantRoutes(app: Routes, deps: RouteDeps): void {
  const { database, tenants, tenantDirectory, tenantStorage, tiers, auditLog } = deps

  app.get(
    OWN,
    {
      schema: {
        operationId: 'getOwnTenant',
        tags: TAGS,
        summary: 'Retrieve your tenant',
        description: 'With the limits that hold and what is used of them.',
        response: { 200: tenantInUse },
      },
      config: { scope: 'admin' },
    },
    async ({ tenant }) => {
      const held = await database.transact(tenant.id, (transaction) =>
        tenantStorage.held(transaction),
      )
      return wireTenantInUse(tiers, tenant, held)
    },
  )

  app.post(
    OWN,
    {
      schema: {
        operationId: 'postOwnTenant',
        tags: TAGS,
        summary: 'Change the settings of your tenant',
        body: ownTenantUpdate,
        response: { 200: tenantInUse },
      },
      config: { scope: 'admin' },
    },
    async (request) => {
      const { id, settings } = request.tenant
      const change = { settings: readSettings(request.body.settings, settings) }
      const changed = await database.transact(id, async (transaction) => {
        const tenant = await tenants.update(transaction, id, change)
        if (tenant === null) throw notFound('tenant', id)
        const detail = { settings: { ...request.body.settings } }
        await noteTenant(auditLog, transaction, {
          request,
          action: 'tenant.update',
          target: id,
          detail,
        })
        return { tenant, held: await tenantStorage.held(transaction) }
      })
      tenantDirectory.forget(id)
      return wireTenantInUse(tiers, changed.tenant, changed.held)
    },
  )
}
