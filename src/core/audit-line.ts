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

/** What was sent, read back; null for anything else. */
export function readAuditLine(value: unknown): AuditLine | null {
  const line = Object(value) as AuditLine
  const actor = Object(line.actor) as AuditLine['actor']
  const isLine =
    line.object === 'audit.entry' &&
    [line.id, line.tenant_id, line.at, line.action, line.outcome, actor.kind].every(isText) &&
    [line.target, line.request_id, line.address, line.hash, actor.id].every(isTextOrNull) &&
    (line.position === null || Number.isSafeInteger(line.position)) &&
    typeof line.detail === 'object' &&
    line.detail !== null
  return isLine ? line : null
}

export function recordOf(line: AuditLine): Omit<AuditRecord, 'seal'> {
  return {
    id: line.id,
    tenantId: line.tenant_id,
    at: line.at,
    action: line.action,
    actor: line.actor,
    target: line.target,
    outcome: line.outcome,
    requestId: line.request_id,
    address: line.address,
    detail: line.detail,
  }
}

const isText = (value: unknown) => typeof value === 'string'
const isTextOrNull = (value: unknown) => value === null || isText(value)
