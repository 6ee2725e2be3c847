import type { Caller } from '../src/core/caller.ts'
import type { Principal } from '../src/core/principal.ts'

export const EXAMPLE_CALLER: Caller = {
  keyId: 'key_1',
  userId: null,
  serviceId: null,
  sessionId: null,
  requestId: 'req_1',
  address: '127.0.0.1',
  budgets: [],
}

/** With every right in its tenant. */
export function examplePrincipal(tenantId: string, change: Partial<Principal> = {}): Principal {
  return {
    tenantId,
    keyId: null,
    userId: null,
    sessionId: null,
    serviceId: null,
    role: null,
    scopes: ['admin'],
    vectorStoreIds: null,
    limits: {},
    ...change,
  }
}
