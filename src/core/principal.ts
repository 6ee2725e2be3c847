import type { Limits } from './limits.ts'

/**
 * `ask` answers, `ingest` changes what is there, `read` looks, `admin` is all of it within one tenant. `operator` is
 * above the tenants: it makes, suspends and erases them, and may act in each.
 */
export type Scope = 'admin' | 'ask' | 'ingest' | 'operator' | 'read'

export type Role = 'admin' | 'editor' | 'member' | 'owner' | 'viewer'

/** Who is asking: every code path takes its tenant from here. */
export interface Principal {
  readonly tenantId: string
  /** The API key's id; null for people, outside services and the owner of the machine on the local socket. */
  readonly keyId: string | null
  /** An account here, or `<issuer>:<subject>` of a person for whom an outside issuer vouches. */
  readonly userId: string | null
  /** Of a person who signed in with a cookie. */
  readonly sessionId: string | null
  /** `<issuer>:<subject>` of a program for which an outside issuer vouches. */
  readonly serviceId: string | null
  /** Of a person; a key has scopes alone. */
  readonly role: Role | null
  readonly scopes: readonly Scope[]
  /** The only vector stores that may be touched; null for all of the tenant's. */
  readonly vectorStoreIds: readonly string[] | null
  /** The key's own, in place of its tenant's. */
  readonly limits: Partial<Limits>
}
