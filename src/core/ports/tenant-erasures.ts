import type { AuditEntry } from './audit.ts'
import type { Transaction } from './database.ts'

/** What there is of a tenant, wherever it is kept. */
export interface Remains {
  /** By table. */
  readonly rows: Readonly<Record<string, number>>
  readonly blobs: number
  readonly blobBytes: number
  readonly jobs: number
}

export interface Erasure {
  readonly tenantId: string
  readonly name: string
  /** In whose audit log it is kept. */
  readonly operatorTenantId: string
  readonly askedBy: Pick<AuditEntry, 'actor' | 'address' | 'requestId'>
  readonly startedAt: Date
  readonly finishedAt: Date | null
  /** Null until it was counted. */
  readonly before: Remains | null
  readonly after: Remains | null
}

/** Erasures under way and done: above the tenants, and there when the tenant no longer is. */
export interface TenantErasures {
  /** From here on the tenant is not served. In the transaction of the operator who asks. */
  begin(
    transaction: Transaction,
    erasure: Pick<Erasure, 'askedBy' | 'name' | 'tenantId'>,
  ): Promise<void>
  find(tenantId: string): Promise<Erasure | null>
  /** The oldest that is not finished and that nobody else has at hand; the worker's until so many seconds have passed. */
  lease(worker: string, seconds: number): Promise<Erasure | null>
  /** Throws when the worker has lost it to another. */
  renew(tenantId: string, worker: string, seconds: number): Promise<void>
  setBefore(tenantId: string, before: Remains): Promise<void>
  /** Every table that has rows of tenants, those that refer to others before those. Found in the catalogue. */
  tables(): Promise<readonly string[]>
  /** Of the transaction's tenant. */
  countRows(transaction: Transaction, table: string): Promise<number>
  /** At most so many of the transaction's tenant; says how many. */
  deleteRows(transaction: Transaction, table: string, limit: number): Promise<number>
  deleteTenant(tenantId: string): Promise<void>
  /** In a transaction of the operator's tenant. */
  finish(transaction: Transaction, tenantId: string, after: Remains): Promise<void>
}

/** The blobs of one tenant, all of them. */
export interface TenantBlobs {
  count(tenantId: string): Promise<{ readonly blobs: number; readonly bytes: number }>
  deleteAll(tenantId: string): Promise<void>
}
