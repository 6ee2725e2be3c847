import { finished } from 'node:stream/promises'
import { Type } from 'typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { tenantParams } from '../../../contract/tenant.ts'
import { AppError } from '../../../core/errors.ts'
import type { Tenant } from '../../../core/tenant.ts'
import type { TenantExport, WrittenExport } from '../../../tenancy/export/export-tenant.ts'
import { actingRole, roleMay } from '../../../tenancy/roles.ts'
import { CallerGone, causeOf } from '../../calls.ts'
import { notFound } from '../../not-found.ts'
import { openStream } from '../../open-stream.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { beginExport, type ExportTurns } from './export-turns.ts'
import { noteExport } from './note-export.ts'

const archive = {
  description:
    'A gzipped tar: `tables/<table>/*.ndjson`, `files/<id>/<name>` as they were uploaded, `texts/<SHA-256>.txt` as they were read from them, lists of checksums, and at its end `manifest.json`. An answer that breaks off has no manifest.',
  content: {
    'application/gzip': {
      schema: Type.Unsafe<NodeJS.ReadableStream>({ type: 'string', format: 'binary' }),
    },
  },
}

export function exportRoutes(app: Routes, deps: RouteDeps): void {
  const turns: ExportTurns = new Set()

  app.get(
    '/api/tenants/:tenant_id/export',
    {
      // A look at its headers alone would make all of it.
      exposeHeadRoute: false,
      schema: {
        tags: ['Tenants'],
        summary: 'Export a tenant',
        description:
          'Everything of it but secrets, for its owner or an operator; an operator may export a suspended one too. Counts as a stream.',
        params: tenantParams,
        response: { 200: archive },
      },
      config: { scope: 'any', failures: [409, 429], audit: 'tenant.export' },
    },
    async (request, reply) => {
      const tenant = await findOwn(deps, request)
      const endTurn = beginExport(turns, tenant.id)
      const endStream = await openStream(deps, request).catch((error: unknown) => {
        endTurn()
        throw error
      })
      const call = deps.calls.begin(reply)
      const end = () => {
        call.end()
        endStream()
      }
      try {
        await noteExport(deps, request, { tenant, stage: 'begin' })
      } catch (error) {
        end()
        endTurn()
        throw error
      }
      const made = deps.exportTenant(tenant, call.signal)
      made.written.then(endTurn, endTurn)
      untilSent(made, { reply, signal: call.signal })
        .then(
          (written) => noteExport(deps, request, { tenant, stage: 'end', written }),
          (error: unknown) => {
            if (!(error instanceof CallerGone))
              request.log.error({ err: error, tenantId: tenant.id }, 'an export broke off')
            return noteExport(deps, request, { tenant, stage: 'broken', error })
          },
        )
        .catch((error: unknown) => request.log.error({ err: error }, 'an export was not audited'))
        .finally(end)
      return reply
        .type('application/gzip')
        .header('content-disposition', `attachment; filename="${tenant.id}.tar.gz"`)
        .header('cache-control', 'no-store')
        .send(made.stream)
    },
  )
}

/** Throws `resource_not_found` for a tenant that the caller may not know of, whether there is one or not. */
async function findOwn(
  { tenants }: Pick<RouteDeps, 'tenants'>,
  { principal, params }: FastifyRequest,
): Promise<Tenant> {
  const { tenant_id: id } = params as { readonly tenant_id: string }
  const isAbove = principal.scopes.includes('operator') && principal.vectorStoreIds === null
  if (id !== principal.tenantId && !isAbove) throw notFound('tenant', id)
  const role = actingRole(principal)
  if (role === null || !roleMay(role, 'exportTenant') || principal.vectorStoreIds !== null) {
    throw new AppError(
      'permission_denied',
      'Only an owner of the tenant, or an operator, may export it.',
    )
  }
  const tenant = await tenants.find(id)
  if (tenant === null) throw notFound('tenant', id)
  if (tenant.status === 'erasing')
    throw new AppError('conflict', 'This tenant is being erased: nothing of it leaves any longer.')
  return tenant
}

/** Resolves when the last byte has been handed to the caller's connection. */
async function untilSent(
  { written }: TenantExport,
  { reply, signal }: { readonly reply: FastifyReply; readonly signal: AbortSignal },
): Promise<WrittenExport> {
  const sent = finished(reply.raw)
  sent.catch(() => undefined)
  try {
    const all = await written
    await sent
    return all
  } catch (error) {
    throw causeOf(error, signal)
  }
}
