import type { Transaction } from './database.ts'

/** A job carries ids, never data. */
export interface IngestJob {
  readonly tenantId: string
  readonly vectorStoreId: string
  readonly fileId: string
}

export interface Queue {
  /** Written in the caller's transaction: both are there, or neither. */
  send(transaction: Transaction, job: IngestJob): Promise<void>
}

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
}

/** Throwing fails the attempt; throwing `tenant_suspended` puts the job aside, uncounted, until `wake`. The signal says that the worker stops, or that the job has been given to another. */
export type JobHandler = (job: IngestJob, signal: AbortSignal, attempt: Attempt) => Promise<void>
