import type { JobError } from '../job.ts'
import type { Transaction } from './database.ts'
import type { IngestStage } from './documents.ts'
import type { JobPriority } from './queue.ts'

export type JobStatus =
  | 'cancelled'
  | 'completed'
  /** Given up, with the reason; may be replayed. */
  | 'dead'
  | 'queued'
  /** Waits for its next attempt. */
  | 'retrying'
  | 'running'
  /** Waits until its tenant is resumed. */
  | 'suspended'

export interface JobFailure extends JobError {
  /** ISO 8601. */
  readonly at: string
}

export interface JobRecord {
  readonly id: string
  readonly kind: string
  readonly tenantId: string
  readonly status: JobStatus
  readonly priority: JobPriority
  readonly vectorStoreId: string | null
  readonly fileId: string | null
  readonly sourceId: string | null
  readonly syncId: string | null
  /** Begun, since the job was made or replayed. */
  readonly attempts: number
  readonly maxAttempts: number
  readonly lastError: JobFailure | null
  /** The newest, oldest first. */
  readonly history: readonly JobFailure[]
  readonly createdAt: Date
  /** Of the latest attempt. */
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  /** Of one that waits. */
  readonly dueAt: Date | null
  readonly worker: string | null
  readonly work: JobWork | null
  readonly sync: JobSync | null
}

/** The sync that the job is about, as it is now; null where it is gone, or where the tenant is not entered. */
export interface JobSync {
  readonly sourceName: string
  readonly dryRun: boolean
  readonly listed: number
  readonly unchanged: number
  /** What was known before it began. */
  readonly known: number
}

/** The document that the job is about, as it is now; null where it is gone, or where the tenant is not entered. */
export interface JobWork {
  readonly filename: string
  readonly stage: IngestStage
  readonly bytes: number
  /** How far the stage is, from 0 to 1; null where that cannot be said. */
  readonly stageDone: number | null
  readonly pages: number | null
  readonly pagesDone: number | null
  readonly chunks: number
  readonly chunksEmbedded: number
  readonly workStartedAt: Date | null
  readonly stageStartedAt: Date | null
}

export interface JobFilter {
  readonly ids?: readonly string[] | undefined
  readonly statuses?: readonly JobStatus[] | undefined
  readonly kind?: string | undefined
  readonly vectorStoreId?: string | undefined
  readonly fileId?: string | undefined
  readonly sourceId?: string | undefined
  /** Of the last failure. */
  readonly errorCode?: string | undefined
  /** The only ones that the caller may see. */
  readonly vectorStoreIds?: readonly string[] | null
}

export interface JobPage {
  readonly after: string | null
  readonly limit: number
  readonly order: 'asc' | 'desc'
}

/** The jobs of the transaction's tenant. */
export interface Jobs {
  /** One row more than `limit` where there are more. Null where there is no job `after` which a page could begin. */
  list(
    transaction: Transaction,
    filter: JobFilter,
    page: JobPage,
  ): Promise<readonly JobRecord[] | null>
  /** Of all tenants; for operators. */
  listAll(filter: JobFilter, page: JobPage): Promise<readonly JobRecord[] | null>
  /** Locks and gives at most so many, for what is to be done to them in this transaction. */
  lock(
    transaction: Transaction,
    filter: JobFilter,
    limit: number,
  ): Promise<readonly Pick<JobRecord, 'fileId' | 'id' | 'status' | 'syncId' | 'vectorStoreId'>[]>
  /** Whatever is waiting or running of these is not to be done any longer; its worker hears of it. */
  cancel(transaction: Transaction, ids: readonly string[]): Promise<void>
  /** Those that are dead or cancelled are due now, with all their attempts. */
  replay(transaction: Transaction, ids: readonly string[]): Promise<void>
  /** Null is all tenants. */
  queues(tenantId: string | null): Promise<readonly QueueState[]>
  workers(): Promise<readonly WorkerRecord[]>
}

/** Of one kind of job. */
export interface QueueState {
  readonly kind: string
  /** Due, and not yet begun. */
  readonly queued: number
  readonly retrying: number
  readonly suspended: number
  readonly running: number
  readonly dead: number
  /** Of the oldest that is due. */
  readonly oldestSeconds: number | null
  /** In the last five minutes. */
  readonly completedPerMinute: number
  /** From claim to end, of those. */
  readonly meanSeconds: number | null
}

export interface WorkerRecord {
  readonly id: string
  readonly host: string
  readonly pid: number
  readonly version: string
  readonly kind: 'server' | 'worker'
  readonly status: 'alive' | 'lost' | 'stopping'
  readonly slots: number
  /** Ids of jobs. */
  readonly running: readonly string[]
  readonly startedAt: Date
  readonly seenAt: Date
}
