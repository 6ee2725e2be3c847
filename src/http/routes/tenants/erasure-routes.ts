import { setTimeout as delay } from 'node:timers/promises'
import {
  tenantErase,
  tenantErasure,
  type WireTenantErasure,
} from '../../../contract/tenant-erasure.ts'
import { tenantParams } from '../../../contract/tenant.ts'
import { AppError } from '../../../core/errors.ts'
import type { Erasure, Remains } from '../../../core/ports/tenant-erasures.ts'
import { actorOf } from '../../actor-of.ts'
import { askedBy } from '../../asked-by.ts'
import { notFound } from '../../not-found.ts'
import { invalidValue } from '../../request-error.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { unixSeconds } from '../../unix-seconds.ts'

const TAGS = ['Tenants']
/** A small tenant is erased while its caller waits. */
const WAIT_MS = 8_000

export function erasureRoutes(app: Routes, deps: RouteDeps): void {
  const { database, tenants, tenantDirectory, tenantErasures, eraseTenants } = deps

  const find = async (tenantId: string): Promise<Erasure> => {
    const erasure = await tenantErasures.find(tenantId)
    if (erasure === null) throw notFound('erasure of a tenant', tenantId)
    return erasure
  }

  app.post(
    '/api/tenants/:tenant_id/erase',
    {
      schema: {
        tags: TAGS,
        summary: 'Erase a tenant',
        description:
          'Everything of it, for good: rows, files, cached answers and vectors, jobs, keys, people and its audit log. The erasure goes on without its caller, and after a restart. What was there before and after is kept in the audit log of the tenant that you act from.',
        params: tenantParams,
        body: tenantErase,
        response: { 200: tenantErasure },
      },
      config: { scope: 'operator', failures: [409] },
    },
    async (request) => {
      const { principal, params, body, log } = request
      const id = params.tenant_id
      const tenant = await tenants.find(id)
      if (tenant === null) throw notFound('tenant', id)
      if (id === principal.tenantId) {
        throw new AppError('conflict', 'You act from this tenant: erase it from another one.')
      }
      if (body.confirm !== tenant.name) {
        throw invalidValue('confirm', "'confirm' must be the name of the tenant, as it is spelled.")
      }
      const { requestId, address } = askedBy(request).caller
      await database.transact(principal.tenantId, (transaction) =>
        tenantErasures.begin(transaction, {
          tenantId: id,
          name: tenant.name,
          askedBy: { actor: actorOf(principal), requestId, address },
        }),
      )
      tenantDirectory.forget(id)
      const work = eraseTenants().catch((error: unknown) => {
        // It is taken up again in a moment, here or elsewhere.
        log.error({ err: error, tenantId: id }, 'the erasure of a tenant was interrupted')
      })
      await Promise.race([work, delay(WAIT_MS, undefined, { ref: false })])
      return wireErasure(await find(id))
    },
  )

  app.get(
    '/api/tenants/:tenant_id/erasure',
    {
      schema: {
        tags: TAGS,
        summary: 'Retrieve the erasure of a tenant',
        description: 'Once it is completed, this is its certificate.',
        params: tenantParams,
        response: { 200: tenantErasure },
      },
      config: { scope: 'operator' },
    },
    async ({ params }) => wireErasure(await find(params.tenant_id)),
  )
}

function wireErasure(erasure: Erasure): WireTenantErasure {
  const { finishedAt, before, after } = erasure
  return {
    object: 'tenant.erasure',
    tenant_id: erasure.tenantId,
    name: erasure.name,
    status: finishedAt === null ? 'running' : 'completed',
    started_at: unixSeconds(erasure.startedAt),
    finished_at: finishedAt && unixSeconds(finishedAt),
    before: before && wireRemains(before),
    after: after && wireRemains(after),
    recorded_in: erasure.operatorTenantId,
  }
}

function wireRemains({ rows, blobs, blobBytes, jobs }: Remains) {
  return { rows: { ...rows }, blobs, blob_bytes: blobBytes, jobs }
}
