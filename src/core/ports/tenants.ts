import type { Tenant } from '../tenant.ts'

/** The tenants themselves: above row-level security, so no tenant's route may hand this out. */
export interface Tenants {
  /** The only tenant of a fresh database, made if there is none; says whether this call made it. */
  ensureFirst(): Promise<{ readonly tenantId: string; readonly created: boolean }>
  /** Oldest first. */
  list(): Promise<readonly Tenant[]>
  find(id: string): Promise<Tenant | null>
}
