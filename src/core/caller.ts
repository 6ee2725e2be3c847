import type { Budget } from './budget.ts'

/** By whom and by which request work is asked for: limits, budgets, the ledger and the audit log go by it. */
export interface Caller {
  readonly keyId: string | null
  readonly userId: string | null
  /** Of a program for which an outside issuer vouches. */
  readonly serviceId: string | null
  readonly sessionId: string | null
  /** `req_…`, as the caller was told it. */
  readonly requestId: string
  /** The peer's IP address; null on the local socket and for work that nobody waits for. */
  readonly address: string | null
  /** Of the tenant, the user and the key: each holds by itself. */
  readonly budgets: readonly Budget[]
}
