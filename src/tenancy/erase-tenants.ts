import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AuditLog } from '../core/ports/audit.ts'
import type { Database } from '../core/ports/database.ts'
import type { TenantJobs } from '../core/ports/queue.ts'
import type {
  Erasure,
  Remains,
  TenantBlobs,
  TenantErasures,
} from '../core/ports/tenant-erasures.ts'
import type { TenantDirectory } from './tenant-directory.ts'

export interface EraseDeps {
  readonly database: Database
  readonly tenantErasures: TenantErasures
  readonly tenantBlobs: TenantBlobs
  readonly tenantJobs: Pick<TenantJobs, 'count' | 'delete'>
  readonly tenantDirectory: Pick<TenantDirectory, 'forget'>
  readonly auditLog: AuditLog
  /** By which a lease is known to be one's own; another one for every process that shares the database. */
  readonly worker?: string
  /** After which no server serves the tenant any longer. */
  readonly quietMs: number
  /** Rows a transaction; others get their turn between two. */
  readonly batch?: number
}

/** Works off all erasures that nobody else is at. Twice at once is once. */
export type EraseTenants = (signal?: AbortSignal) => Promise<void>

/** A server that was killed has its erasure taken over after so long. */
const LEASE_SECONDS = 15
const POLL_MS = 200
const BATCH = 1_000
const MOST_PASSES = 10

export function createEraseTenants(deps: EraseDeps): EraseTenants {
  const worker = deps.worker ?? randomUUID()
  let running: Promise<void> | null = null

  return (signal = new AbortController().signal) => {
    running ??= workOff(signal).finally(() => {
      running = null
    })
    return running
  }

  async function workOff(signal: AbortSignal): Promise<void> {
    for (;;) {
      const erasure = await deps.tenantErasures.lease(worker, LEASE_SECONDS)
      if (erasure === null) return
      await erase(erasure, signal)
    }
  }

  /** Every step may be done again: whoever takes over begins at the first. */
  async function erase(erasure: Erasure, signal: AbortSignal): Promise<void> {
    const { tenantId } = erasure
    const goOn = async () => {
      signal.throwIfAborted()
      await deps.tenantErasures.renew(tenantId, worker, LEASE_SECONDS)
    }
    deps.tenantDirectory.forget(tenantId)
    await untilQuiet(erasure, goOn)
    const before = erasure.before ?? (await remainsOf(tenantId))
    await deps.tenantErasures.setBefore(tenantId, before)

    let after = before
    for (let pass = 0; pass === 0 || !isNothing(after); pass += 1) {
      if (pass === MOST_PASSES) throw new Error(`Something goes on writing for ${tenantId}.`)
      await deps.tenantJobs.delete(tenantId)
      for (const table of await deps.tenantErasures.tables()) await empty(tenantId, table, goOn)
      await deps.tenantErasures.deleteTenant(tenantId)
      await deps.tenantBlobs.deleteAll(tenantId)
      after = await remainsOf(tenantId)
    }
    await certify(erasure, { before, after })
  }

  async function untilQuiet({ tenantId, startedAt }: Erasure, goOn: () => Promise<void>) {
    for (;;) {
      const isServed = Date.now() - startedAt.getTime() < deps.quietMs
      const { active } = await deps.tenantJobs.count(tenantId)
      if (!isServed && active === 0) return
      await sleep(POLL_MS)
      await goOn()
    }
  }

  async function empty(tenantId: string, table: string, goOn: () => Promise<void>): Promise<void> {
    const limit = deps.batch ?? BATCH
    for (;;) {
      await goOn()
      const deleted = await deps.database.transact(tenantId, (transaction) =>
        deps.tenantErasures.deleteRows(transaction, table, limit),
      )
      if (deleted < limit) return
    }
  }

  async function remainsOf(tenantId: string): Promise<Remains> {
    const rows: Record<string, number> = {}
    for (const table of await deps.tenantErasures.tables()) {
      rows[table] = await deps.database.transact(tenantId, (transaction) =>
        deps.tenantErasures.countRows(transaction, table),
      )
    }
    const { blobs, bytes: blobBytes } = await deps.tenantBlobs.count(tenantId)
    const { all: jobs } = await deps.tenantJobs.count(tenantId)
    return { rows, blobs, blobBytes, jobs }
  }

  async function certify(
    { tenantId, name, operatorTenantId, askedBy, startedAt }: Erasure,
    { before, after }: { readonly before: Remains; readonly after: Remains },
  ): Promise<void> {
    await deps.database.transact(operatorTenantId, async (transaction) => {
      await deps.tenantErasures.finish(transaction, tenantId, after)
      await deps.auditLog.append(transaction, {
        ...askedBy,
        action: 'tenant.erase',
        target: tenantId,
        outcome: 'done',
        detail: { name, started_at: startedAt.toISOString(), before, after },
      })
    })
  }
}

function isNothing({ rows, blobs, jobs }: Remains): boolean {
  return blobs === 0 && jobs === 0 && Object.values(rows).every((count) => count === 0)
}
