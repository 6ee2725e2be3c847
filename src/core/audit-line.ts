import type { AuditRecord } from './ports/audit.ts'

/** An entry as it is sent: by the API, in an export, and to a sink. */
export interface AuditLine {
  readonly object: 'audit.entry'
  readonly id: string
  readonly tenant_id: string
  readonly at: string
  readonly action: string
  readonly actor: { readonly kind: AuditRecord['actor']['kind']; readonly id: string | null }
  readonly target: string | null
  readonly outcome: AuditRecord['outcome']
  readonly request_id: string | null
  readonly address: string | null
  readonly detail: Record<string, unknown>
  readonly position: number | null
  readonly hash: string | null
}

export function auditLine(record: AuditRecord): AuditLine {
  return {
    object: 'audit.entry',
    id: record.id,
    tenant_id: record.tenantId,
    at: record.at,
    action: record.action,
    actor: { ...record.actor },
    target: record.target,
    outcome: record.outcome,
    request_id: record.requestId,
    address: record.address,
    detail: { ...record.detail },
    position: record.seal?.position ?? null,
    hash: record.seal?.hash ?? null,
  }
}
