import type { JobError } from '../job.ts'
import type { Transaction } from './database.ts'

/** A job carries ids, never data. */
export interface TenantJob {
  readonly tenantId: string
}

export interface IngestJob extends TenantJob {
  readonly vectorStoreId: string
  readonly fileId: string
}

/** Brings a vector store in step with where its documents come from. */
export interface SyncJob extends TenantJob {
  readonly vectorStoreId: string
  readonly sourceId: string
  readonly syncId: string
}

/** Chunks of the tenant behind the one that is named, in a migration from one embedding model to another. */
export interface ReEmbedJob extends TenantJob {
  readonly migrationId: string
  /** Id of a chunk; null begins at the first. */
  readonly behind: string | null
}

/** Somebody waits for it; many were asked for at once; nobody asked. The first go before the others. */
export type JobPriority = 'batch' | 'interactive' | 'sync'

export interface JobSender<Job extends TenantJob> {
  /** Written in the caller's transaction: both are there, or neither. `interactive` where no priority is named. */
  send(
    transaction: Transaction,
    job: Job,
    options?: { readonly priority?: JobPriority },
  ): Promise<void>
}

export type Queue = JobSender<IngestJob>

/** The jobs of one tenant, whatever became of them. */
export interface TenantJobs {
  /** Those that were put aside because their tenant was suspended, and whose tenant no longer is, go on. */
  wake(): Promise<void>
  count(tenantId: string): Promise<{ readonly all: number; readonly active: number }>
  delete(tenantId: string): Promise<void>
}

export interface Attempt {
  /** From 1. */
  readonly number: number
  /** No other follows: when this one fails, the job is kept among the dead letters. */
  readonly last: boolean
  /** The attempts before this one were all that are allowed, and the last was cut short by its worker's death: do not try again. */
  readonly exhausted: boolean
  /** Whether this failure would be the job's last: not one that passes by itself, and not while the worker stops. */
  endsWith(error: unknown): boolean
  /**
   * Ends the job in the transaction that writes its result: both are there, or neither. Throws `JobLost` when the job is
   * no longer this attempt's, so that nothing is written twice. Who has called either returns `settled`.
   */
  complete(transaction: Transaction): Promise<void>
  /** The same for a failure that no further attempt would change: the job is a dead letter, with the reason. */
  bury(transaction: Transaction, error: JobError): Promise<void>
}

/** `withdrawn`: there is nothing to do any longer, because what the job is about is gone or cancelled. */
export type JobOutcome = 'settled' | 'withdrawn'

/**
 * Throwing fails the attempt; throwing `tenant_suspended` puts the job aside, uncounted, until `wake`. The signal says
 * that the worker stops, that the job was cancelled, or that it has been given to another.
 */
export type JobHandler<Job extends TenantJob = IngestJob> = (
  job: Job,
  signal: AbortSignal,
  attempt: Attempt,
) => Promise<JobOutcome | void>
