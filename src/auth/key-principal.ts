import type { ApiKeyRecord } from '../core/ports/api-keys.ts'
import type { Principal } from '../core/principal.ts'
import { Refusal } from './refusal.ts'

/** Whom a key stands for, once its secret was shown to be known. Throws for one that has ended. */
export function keyPrincipal(record: ApiKeyRecord, now: number): Principal {
  const claimed = { account: record.id, tenantId: record.tenantId }
  if (record.revokedAt !== null) {
    throw new Refusal('This API key was revoked; use another one.', claimed)
  }
  if (record.expiresAt !== null && record.expiresAt.getTime() <= now) {
    const ended = record.expiresAt.toISOString()
    throw new Refusal(`This API key expired on ${ended}; use another one.`, claimed)
  }
  return {
    tenantId: record.tenantId,
    keyId: record.id,
    userId: null,
    sessionId: null,
    serviceId: null,
    role: null,
    scopes: record.scopes,
    vectorStoreIds: record.vectorStoreIds,
    limits: record.limits,
  }
}
