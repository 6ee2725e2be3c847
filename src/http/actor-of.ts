import type { AuditActor } from '../core/ports/audit.ts'
import type { Principal } from '../core/principal.ts'

/** Whom the audit log names. */
export function actorOf({
  keyId,
  serviceId,
  userId,
}: Pick<Principal, 'keyId' | 'serviceId' | 'userId'>): AuditActor {
  if (userId !== null) return { kind: 'user', id: userId }
  if (serviceId !== null) return { kind: 'service', id: serviceId }
  return keyId === null ? { kind: 'operator', id: null } : { kind: 'key', id: keyId }
}
