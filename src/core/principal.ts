export type Scope = 'admin' | 'ask' | 'ingest' | 'read'

/** Who is asking: every code path takes its tenant from here. */
export interface Principal {
  readonly tenantId: string
  /** The API key's id, or null for the owner of the machine on the local socket. */
  readonly keyId: string | null
  readonly scopes: readonly Scope[]
}
