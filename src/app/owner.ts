import type { Principal } from '../core/principal.ts'

/** Whoever owns the machine, acting in that tenant: every right, and no limit of his own. */
export function ownerOf(tenantId: string): Principal {
  return {
    tenantId,
    keyId: null,
    userId: null,
    sessionId: null,
    serviceId: null,
    role: null,
    scopes: ['admin', 'ask', 'ingest', 'operator', 'read'],
    vectorStoreIds: null,
    limits: {},
  }
}
