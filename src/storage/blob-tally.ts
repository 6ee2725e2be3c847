import type { BlobFinding, BlobProblem, BlobReport } from '../core/ports/blob-checks.ts'
import type { StoredObject } from '../core/ports/object-store.ts'

/** More than anybody reads; the counts say how many there are. */
const MOST_FINDINGS = 100

export interface BlobTally {
  count(object: StoredObject): void
  verified(): void
  note(finding: BlobFinding): void
  report(tenants: number): BlobReport
}

export function createBlobTally(): BlobTally {
  const counts: Record<BlobProblem, number> = { damaged: 0, missing: 0, orphan: 0, stray: 0 }
  const findings: BlobFinding[] = []
  const sum = { objects: 0, bytes: 0, verified: 0, removed: 0, removedBytes: 0 }
  return {
    count({ bytes }) {
      sum.objects += 1
      sum.bytes += bytes
    },
    verified() {
      sum.verified += 1
    },
    note(finding) {
      counts[finding.problem] += 1
      if (finding.removed) {
        sum.removed += 1
        sum.removedBytes += finding.bytes
      }
      if (findings.length < MOST_FINDINGS) findings.push(finding)
    },
    report: (tenants) => ({ tenants, ...sum, counts: { ...counts }, findings: [...findings] }),
  }
}
