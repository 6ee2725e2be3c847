import type { Tenant, TenantStatus } from '../tenant.ts'
import type { Transaction } from './database.ts'
import type { Cursor } from './files.ts'

export type TenantChange = Partial<Pick<Tenant, 'limits' | 'name' | 'settings' | 'status' | 'tier'>>

/**
 * The tenants themselves: above row-level security, so no tenant's route may hand this out. What changes them takes the
 * transaction of whoever asks for it, so that the audit log there is written with it.
 */
export interface Tenants {
  /** The only tenant of a fresh database, made if there is none; says whether this call made it. */
  ensureFirst(): Promise<{ readonly tenantId: string; readonly created: boolean }>
  /** Oldest first. */
  list(): Promise<readonly Tenant[]>
  find(id: string): Promise<Tenant | null>
  /** One row more than `limit` where there are more. */
  page(
    transaction: Transaction,
    cursor: Cursor,
    only: { readonly name?: string; readonly status?: TenantStatus },
  ): Promise<readonly Tenant[]>
  /** Throws `conflict` where another has the name. */
  insert(transaction: Transaction, tenant: Tenant): Promise<void>
  /** Null when there is no such tenant. Throws `conflict` where another has the name. */
  update(transaction: Transaction, id: string, change: TenantChange): Promise<Tenant | null>
}
