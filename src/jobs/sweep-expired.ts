import type { Tenant } from '../core/tenant.ts'
import type { BlobStore } from '../core/ports/blob-store.ts'
import { SYSTEM, type AuditLog } from '../core/ports/audit.ts'
import type { ApiKeys } from '../core/ports/api-keys.ts'
import type { Database, Transaction } from '../core/ports/database.ts'
import type { Files } from '../core/ports/files.ts'
import type { IdempotencyKeys } from '../core/ports/idempotency-keys.ts'
import type { Invitations } from '../core/ports/invitations.ts'
import type { VectorStores } from '../core/ports/vector-stores.ts'

export interface SweepDeps {
  readonly database: Database
  readonly tenants: { readonly list: () => Promise<readonly Pick<Tenant, 'id'>[]> }
  readonly files: Pick<Files, 'delete' | 'expired'>
  readonly vectorStores: Pick<VectorStores, 'delete' | 'expired'>
  readonly idempotencyKeys: Pick<IdempotencyKeys, 'deleteExpired'>
  readonly blobs: Pick<BlobStore, 'delete'>
  readonly apiKeys: Pick<ApiKeys, 'noteExpired'>
  readonly invitations: Pick<Invitations, 'deleteExpired' | 'noteExpired'>
  readonly auditLog: Pick<AuditLog, 'append'>
}

/** So many at once: each deletion is a transaction of its own, and others get their turn between them. */
const BATCH = 100

/** How long an invitation that nobody took stays in the list. */
const INVITATIONS_KEPT_MS = 30 * 86_400_000

/** Deletes what has expired, tenant by tenant, and notes that it has. Ends early, between two deletions, when the signal aborts. */
export async function sweepExpired(deps: SweepDeps, signal: AbortSignal): Promise<void> {
  for (const { id: tenantId } of await deps.tenants.list()) {
    await sweepKind(deps, { tenantId, kind: deps.vectorStores, noun: 'vector_store' }, signal)
    await sweepKind(deps, { tenantId, kind: deps.files, noun: 'file' }, signal)
    if (signal.aborted) return
    await deps.database.transact(tenantId, (within) => deps.idempotencyKeys.deleteExpired(within))
    await noteExpired(deps, { tenantId, kind: deps.apiKeys, noun: 'api_key' }, signal)
    await noteExpired(deps, { tenantId, kind: deps.invitations, noun: 'invitation' }, signal)
    const before = new Date(Date.now() - INVITATIONS_KEPT_MS)
    await deps.database.transact(tenantId, (within) =>
      deps.invitations.deleteExpired(within, before),
    )
  }
}

/** What says no more than that it is over: nobody deletes it, and nobody else would write it down. */
async function noteExpired(
  { database, auditLog }: SweepDeps,
  {
    tenantId,
    kind,
    noun,
  }: {
    readonly tenantId: string
    readonly noun: string
    readonly kind: Pick<ApiKeys, 'noteExpired'>
  },
  signal: AbortSignal,
): Promise<void> {
  for (let noted = BATCH; noted === BATCH && !signal.aborted;) {
    noted = await database.transact(tenantId, async (within) => {
      const expired = await kind.noteExpired(within, BATCH)
      for (const { id, expiresAt } of expired) {
        const detail = { expired_at: expiresAt.toISOString() }
        await auditLog.append(within, { ...SYSTEM, action: `${noun}.expire`, target: id, detail })
      }
      return expired.length
    })
  }
}

interface Swept {
  readonly tenantId: string
  readonly noun: string
  readonly kind: {
    expired(transaction: Transaction, limit: number): Promise<readonly string[]>
    delete(
      transaction: Transaction,
      id: string,
    ): Promise<{ readonly orphans: readonly string[] } | null>
  }
}

async function sweepKind(
  { database, blobs, auditLog }: SweepDeps,
  { tenantId, kind, noun }: Swept,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const ids = await database.transact(tenantId, (within) => kind.expired(within, BATCH))
    for (const id of ids) {
      if (signal.aborted) return
      const gone = await database.transact(tenantId, async (within) => {
        const deleted = await kind.delete(within, id)
        const action = `${noun}.expire`
        if (deleted !== null)
          await auditLog.append(within, { ...SYSTEM, action, target: id, detail: {} })
        return deleted
      })
      for (const orphan of gone?.orphans ?? []) await blobs.delete(tenantId, orphan)
    }
    if (ids.length < BATCH) return
  }
}
