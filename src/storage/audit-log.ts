import type { AuditLog } from '../core/ports/audit.ts'

export function createAuditLog(): AuditLog {
  return {
    async append(transaction, entry) {
      await transaction.query(
        `insert into audit_log
           (tenant_id, action, actor_kind, actor_id, target, outcome, request_id, address, detail)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          transaction.tenantId,
          entry.action,
          entry.actor.kind,
          entry.actor.id,
          entry.target,
          entry.outcome,
          entry.requestId,
          entry.address,
          JSON.stringify(entry.detail),
        ],
      )
    },
  }
}
