import type { AuditRecord } from '../core/ports/audit.ts'

export interface AuditRow {
  readonly id: string
  readonly tenant_id: string
  readonly at: string
  readonly action: string
  readonly actor_kind: AuditRecord['actor']['kind']
  readonly actor_id: string | null
  readonly target: string | null
  readonly outcome: AuditRecord['outcome']
  readonly request_id: string | null
  readonly address: string | null
  readonly detail: Readonly<Record<string, unknown>>
}

/** Of `audit_log as entry`. */
export const AUDIT_COLUMNS = `entry.id, entry.tenant_id,
  to_char(entry.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
  entry.action, entry.actor_kind, entry.actor_id, entry.target, entry.outcome, entry.request_id, entry.address,
  entry.detail`

export function toRecord(row: AuditRow): Omit<AuditRecord, 'seal'> {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    at: row.at,
    action: row.action,
    actor: { kind: row.actor_kind, id: row.actor_id },
    target: row.target,
    outcome: row.outcome,
    requestId: row.request_id,
    address: row.address,
    detail: row.detail,
  }
}
