import { join } from 'node:path'
import type { Logger } from 'pino'
import type { BlobChecks } from '../core/ports/blob-checks.ts'
import type { BlobStore } from '../core/ports/blob-store.ts'
import type { DataKeys } from '../core/ports/data-keys.ts'
import type { Database } from '../core/ports/database.ts'
import type { Metrics } from '../core/ports/metrics.ts'
import type { Spool } from '../core/ports/spool.ts'
import type { TenantBlobs } from '../core/ports/tenant-erasures.ts'
import { sweepBlobs } from '../jobs/sweep-blobs.ts'
import type { BreakerState } from '../resilience/breaker.ts'
import type { Backend } from '../storage/backend.ts'
import { createBlobChecks } from '../storage/blob-checks.ts'
import { createBlobs } from '../storage/blobs.ts'
import { createDataKeys } from '../storage/data-keys.ts'
import { createReferencedBlobs } from '../storage/referenced-blobs.ts'
import { createSpool, dropLeftovers } from '../storage/spool.ts'
import { createTenantBlobs } from '../storage/tenant-blobs.ts'
import { createTenants } from '../storage/tenants.ts'
import type { Config } from './config.ts'
import { readMasterKeys } from './master-keys.ts'
import { openObjects } from './open-objects.ts'
import { watchFileStore } from './watch-file-store.ts'
import { periodically } from './periodically.ts'

export interface OpenBlobs {
  readonly blobs: BlobStore
  readonly blobChecks: BlobChecks
  readonly tenantBlobs: TenantBlobs
  /** Null where nothing is encrypted. */
  readonly dataKeys: DataKeys | null
  readonly spool: Spool
  /** Whether the store answers; null for a directory. */
  state(): BreakerState | null
  /** Begins to sweep what nothing refers to. */
  sweep(): void
  close(): Promise<void>
}

const HOUR_MS = 3_600_000

/** Files at rest. */
export async function openBlobs(
  config: Config,
  of: {
    readonly backend: Backend
    readonly database: Database
    readonly metrics: Metrics
    readonly logger: Logger
  },
): Promise<OpenBlobs> {
  const { backend, database, metrics, logger } = of
  const masters = readMasterKeys(config.blobs)
  const dataKeys = masters === null ? null : createDataKeys(backend.pool, masters)
  const { objects, state, close } = openObjects(config)
  const spoolFolder = join(config.data.directory, 'spool')
  await dropLeftovers(spoolFolder)
  const damaged = metrics.counter({
    name: 'ragstone_blobs_damaged_total',
    help: 'Readings that came upon a damaged file or text.',
  })
  const plain = createBlobs({
    objects,
    dataKeys,
    onDamage: (blob, error) => {
      damaged.add({})
      logger.error({ ...blob, error }, 'a blob is damaged')
    },
  })
  const blobs = createReferencedBlobs({ blobs: plain, database })
  const { sweepHours, spareHours } = config.blobs
  const blobChecks = createBlobChecks({
    objects,
    blobs,
    database,
    tenantIds: async () => (await createTenants(backend.pool).list()).map(({ id }) => id),
    spareMs: spareHours * HOUR_MS,
  })
  const watch = watchFileStore(config, { backend, logger })
  let sweeping: { stop(): Promise<void> } | null = null
  return {
    blobs,
    blobChecks,
    tenantBlobs: createTenantBlobs({ objects, dataKeys }),
    dataKeys,
    spool: createSpool(spoolFolder),
    state,
    sweep() {
      if (sweepHours === 0) return
      const onSwept = metrics.counter({
        name: 'ragstone_blobs_swept_total',
        help: 'Objects that nothing referred to and that were removed.',
      })
      sweeping = periodically(
        (signal) => sweepBlobs({ blobChecks, metric: onSwept, log: logger }, signal),
        {
          everyMs: Math.min(sweepHours * HOUR_MS, 2 ** 31 - 1),
          onError: (error) => logger.error({ error }, 'the blobs were not swept'),
        },
      )
    },
    async close() {
      await sweeping?.stop()
      await watch.stop()
      close()
    },
  }
}
