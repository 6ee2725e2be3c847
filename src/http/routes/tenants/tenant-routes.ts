import {
  tenantCreate,
  tenantCreated,
  tenantInUse,
  tenantList,
  tenantListQuery,
  tenantParams,
  tenantUpdate,
} from '../../../contract/tenant.ts'
import type { Tenant } from '../../../core/tenant.ts'
import { notFound } from '../../not-found.ts'
import { cursorOf, pageOfRows } from '../../paging.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { createTenant } from './create-tenant.ts'
import { noteTenant } from './note-tenant.ts'
import { readChange } from './read-change.ts'
import { wireTenant, wireTenantInUse } from './wire-tenant.ts'

const TAGS = ['Tenants']
const ALL = '/api/tenants'
const ONE = `${ALL}/:tenant_id` as const

/** For operators: the tenants from above. */
export function tenantRoutes(app: Routes, deps: RouteDeps): void {
  const { database, tenants, tenantDirectory, tenantStorage, tiers, auditLog } = deps

  const inUse = async (tenant: Tenant) => {
    const held = await database.transact(tenant.id, (transaction) =>
      tenantStorage.held(transaction),
    )
    return wireTenantInUse(tiers, tenant, held)
  }

  app.post(
    ALL,
    {
      schema: {
        tags: TAGS,
        summary: 'Create a tenant',
        description: 'With its first API key.',
        body: tenantCreate,
        response: { 200: tenantCreated },
      },
      config: { scope: 'operator', failures: [409] },
    },
    async (request) => createTenant(deps, request, request.body),
  )

  app.get(
    ALL,
    {
      schema: {
        tags: TAGS,
        summary: 'List tenants',
        querystring: tenantListQuery,
        response: { 200: tenantList },
      },
      config: { scope: 'operator' },
    },
    async ({ principal, query }) => {
      const cursor = cursorOf(query, 20)
      const only = {
        ...(query.name === undefined ? {} : { name: query.name }),
        ...(query.status === undefined ? {} : { status: query.status }),
      }
      const rows = await database.transact(principal.tenantId, (transaction) =>
        tenants.page(transaction, cursor, only),
      )
      return pageOfRows(rows, cursor.limit, (tenant) => wireTenant(tiers, tenant))
    },
  )

  app.get(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Retrieve a tenant',
        params: tenantParams,
        response: { 200: tenantInUse },
      },
      config: { scope: 'operator' },
    },
    async ({ params }) => {
      const tenant = await tenants.find(params.tenant_id)
      if (tenant === null) throw notFound('tenant', params.tenant_id)
      return inUse(tenant)
    },
  )

  app.post(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Change a tenant',
        description:
          'Settings are changed one by one, limits all at once: a limit that is not named is the one of the tier again.',
        params: tenantParams,
        body: tenantUpdate,
        response: { 200: tenantInUse },
      },
      config: { scope: 'operator', failures: [409] },
    },
    async (request) => {
      const { params, body, principal } = request
      const id = params.tenant_id
      const now = await tenants.find(id)
      if (now === null) throw notFound('tenant', id)
      const change = readChange(tiers, body, now.settings)
      const changed = await database.transact(principal.tenantId, async (transaction) => {
        const tenant = await tenants.update(transaction, id, change)
        if (tenant === null) throw notFound('tenant', id)
        const detail = { ...body }
        await noteTenant(auditLog, transaction, {
          request,
          action: 'tenant.update',
          target: id,
          detail,
        })
        return tenant
      })
      tenantDirectory.forget(id)
      return inUse(changed)
    },
  )
}
