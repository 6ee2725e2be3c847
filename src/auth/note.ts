import type { AuditActor, AuditEntry } from '../core/ports/audit.ts'
import type { Visit } from './visit.ts'

/** An entry of the audit log on what a visit brought. */
export function noteOf(
  visit: Pick<Visit, 'address' | 'requestId'>,
  entry: Pick<AuditEntry, 'action' | 'actor' | 'target'> & Partial<AuditEntry>,
): AuditEntry {
  return {
    outcome: 'done',
    detail: {},
    ...entry,
    requestId: visit.requestId,
    address: visit.address,
  }
}

export const NOBODY: AuditActor = { kind: 'anonymous', id: null }
