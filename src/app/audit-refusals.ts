import type { Logger } from 'pino'
import type { RefusedSignIn } from '../auth/count-failures.ts'
import type { AuditLog } from '../core/ports/audit.ts'
import type { Database } from '../core/ports/database.ts'

/**
 * Writes down who was not let in: in the audit log of the tenant whose key or account was tried, else in the server's
 * log alone. Of failures in a row, the first and each that doubles their number, so that nobody fills the log by
 * failing.
 */
export function auditRefusals(deps: {
  readonly database: Database
  readonly auditLog: AuditLog
  readonly logger: Logger
}): (refused: RefusedSignIn) => void {
  return ({ tenantId, account, address, failures, reason }) => {
    if (!Number.isInteger(Math.log2(failures))) return
    deps.logger.warn({ tenantId, account, address, failures, reason }, 'a sign-in was refused')
    if (tenantId === null) return
    deps.database
      .transact(tenantId, (transaction) =>
        deps.auditLog.append(transaction, {
          action: 'sign_in.refuse',
          actor: { kind: 'anonymous', id: null },
          target: account,
          outcome: 'refused',
          requestId: null,
          address,
          detail: { failures, reason },
        }),
      )
      .catch((error: unknown) => deps.logger.error({ err: error }, 'a refusal was not audited'))
  }
}
