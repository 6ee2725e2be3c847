import type { FastifyRequest } from 'fastify'
import type { AuditLog } from '../../../core/ports/audit.ts'
import type { Transaction } from '../../../core/ports/database.ts'
import { actorOf } from '../../actor-of.ts'
import { askedBy } from '../../asked-by.ts'

/** Writes what was done to a tenant into the audit log of the transaction's tenant. */
export async function noteTenant(
  auditLog: AuditLog,
  transaction: Transaction,
  done: {
    readonly request: FastifyRequest
    readonly action: string
    readonly target: string
    readonly detail?: Readonly<Record<string, unknown>>
  },
): Promise<void> {
  const { requestId, address } = askedBy(done.request).caller
  await auditLog.append(transaction, {
    action: done.action,
    actor: actorOf(done.request.principal),
    target: done.target,
    outcome: 'done',
    requestId,
    address,
    detail: done.detail ?? {},
  })
}
