export type BlobProblem = 'damaged' | 'missing' | 'orphan' | 'stray'

export interface BlobFinding {
  readonly problem: BlobProblem
  readonly tenantId: string | null
  /** The object's key; of a missing one, where it should be. */
  readonly key: string
  readonly bytes: number
  /** Whether it was removed. */
  readonly removed: boolean
  /** A sentence on what is wrong. */
  readonly detail: string
}

export interface BlobReport {
  readonly tenants: number
  readonly objects: number
  readonly bytes: number
  /** How many contents were read and hashed. */
  readonly verified: number
  readonly counts: Readonly<Record<BlobProblem, number>>
  readonly removed: number
  readonly removedBytes: number
  /** The first of them. */
  readonly findings: readonly BlobFinding[]
}

export interface BlobCheckOptions {
  /** Removes what nothing refers to and what interrupted writes have left. */
  readonly repair: boolean
  /** Reads every content and hashes it. */
  readonly verify: boolean
  readonly signal?: AbortSignal
}

/** Compares what is kept with what the database refers to. */
export interface BlobChecks {
  check(options: BlobCheckOptions): Promise<BlobReport>
}
