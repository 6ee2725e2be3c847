import type { Tenant } from '../core/tenant.ts'
import type { BlobStore } from '../core/ports/blob-store.ts'
import type { Database, Transaction } from '../core/ports/database.ts'
import type { Files } from '../core/ports/files.ts'
import type { IdempotencyKeys } from '../core/ports/idempotency-keys.ts'
import type { VectorStores } from '../core/ports/vector-stores.ts'

export interface SweepDeps {
  readonly database: Database
  readonly tenants: { readonly list: () => Promise<readonly Pick<Tenant, 'id'>[]> }
  readonly files: Pick<Files, 'delete' | 'expired'>
  readonly vectorStores: Pick<VectorStores, 'delete' | 'expired'>
  readonly idempotencyKeys: Pick<IdempotencyKeys, 'deleteExpired'>
  readonly blobs: Pick<BlobStore, 'delete'>
}

/** So many at once: each deletion is a transaction of its own, and others get their turn between them. */
const BATCH = 100

/** Deletes what has expired, tenant by tenant. Ends early, between two deletions, when the signal aborts. */
export async function sweepExpired(deps: SweepDeps, signal: AbortSignal): Promise<void> {
  for (const { id: tenantId } of await deps.tenants.list()) {
    await sweepKind(deps, { tenantId, kind: deps.vectorStores }, signal)
    await sweepKind(deps, { tenantId, kind: deps.files }, signal)
    if (signal.aborted) return
    await deps.database.transact(tenantId, (within) => deps.idempotencyKeys.deleteExpired(within))
  }
}

interface Swept {
  readonly tenantId: string
  readonly kind: {
    expired(transaction: Transaction, limit: number): Promise<readonly string[]>
    delete(
      transaction: Transaction,
      id: string,
    ): Promise<{ readonly orphans: readonly string[] } | null>
  }
}

async function sweepKind(
  { database, blobs }: SweepDeps,
  { tenantId, kind }: Swept,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const ids = await database.transact(tenantId, (within) => kind.expired(within, BATCH))
    for (const id of ids) {
      if (signal.aborted) return
      const gone = await database.transact(tenantId, (within) => kind.delete(within, id))
      for (const orphan of gone?.orphans ?? []) await blobs.delete(tenantId, orphan)
    }
    if (ids.length < BATCH) return
  }
}
