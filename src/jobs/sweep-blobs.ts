import type { BlobChecks } from '../core/ports/blob-checks.ts'
import type { Counter } from '../core/ports/metrics.ts'

export interface SweepBlobsDeps {
  readonly blobChecks: BlobChecks
  readonly metric: Counter
  readonly log: {
    info(fields: object, message: string): void
    warn(fields: object, message: string): void
  }
}

/** Removes what nothing refers to, and tells of what is missing. Contents are not read: that is for a check by hand. */
export async function sweepBlobs(
  { blobChecks, metric, log }: SweepBlobsDeps,
  signal: AbortSignal,
): Promise<void> {
  const report = await blobChecks.check({ repair: true, verify: false, signal })
  const { removed, removedBytes, counts } = report
  if (removed > 0) {
    metric.add({}, removed)
    log.info({ removed, removedBytes }, 'blobs that nothing refers to were removed')
  }
  const lost = report.findings.filter(({ problem }) => problem === 'missing')
  if (counts.missing > 0) log.warn({ missing: counts.missing, findings: lost }, 'blobs are missing')
}
