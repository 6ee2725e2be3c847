import type { FastifyRequest } from 'fastify'
import { AppError } from '../../../core/errors.ts'
import type { AuditEntry } from '../../../core/ports/audit.ts'
import type { Tenant } from '../../../core/tenant.ts'
import type { WrittenExport } from '../../../tenancy/export/export-tenant.ts'
import { actorOf } from '../../actor-of.ts'
import { askedBy } from '../../asked-by.ts'
import { CallerGone } from '../../calls.ts'
import type { HttpDeps } from '../../http-deps.ts'

type ExportStage = { readonly tenant: Tenant } & (
  | { readonly stage: 'begin' }
  | { readonly stage: 'end'; readonly written: WrittenExport }
  | { readonly stage: 'broken'; readonly error: unknown }
)

/** In the log of the tenant, and in the one of the operator's where it is another. */
export async function noteExport(
  { database, auditLog }: Pick<HttpDeps, 'auditLog' | 'database'>,
  request: FastifyRequest,
  stage: ExportStage,
): Promise<void> {
  const { requestId, address } = askedBy(request).caller
  const entry: AuditEntry = {
    ...whatOf(stage),
    actor: actorOf(request.principal),
    target: stage.tenant.id,
    requestId,
    address,
  }
  for (const tenantId of new Set([request.principal.tenantId, stage.tenant.id])) {
    await database.transact(tenantId, (transaction) => auditLog.append(transaction, entry))
  }
}

function whatOf(stage: ExportStage): Pick<AuditEntry, 'action' | 'detail' | 'outcome'> {
  if (stage.stage === 'begin') return { action: 'tenant.export.begin', outcome: 'done', detail: {} }
  if (stage.stage === 'broken') {
    const code = stage.error instanceof AppError ? stage.error.code : 'internal'
    const detail = { code: stage.error instanceof CallerGone ? 'caller_gone' : code }
    return { action: 'tenant.export', outcome: 'failed', detail }
  }
  const { manifest, manifestSha256 } = stage.written
  const rows = Object.values(manifest.tables).reduce((sum, table) => sum + table.rows, 0)
  const detail = {
    rows,
    files: manifest.files.count,
    file_bytes: manifest.files.bytes,
    incomplete: manifest.incomplete.length,
    manifest_sha256: manifestSha256,
  }
  return { action: 'tenant.export', outcome: 'done', detail }
}
