import type { JobError } from '../core/job.ts'
import type { TenantJob } from '../core/ports/queue.ts'

/** A job as a worker has it at hand. */
export interface ClaimedJob {
  readonly id: string
  readonly name: string
  readonly data: TenantJob
  /** Raised whenever a worker loses or leaves the job: together with the id it names one attempt. */
  readonly retryCount: number
  /** Raised with it where that attempt does not count. */
  readonly retryLimit: number
  readonly createdOn: Date
  readonly output: JobHistory | null
}

/** What the table keeps of the attempts, beside the job. */
export interface JobHistory {
  /** Attempts that failed, since the job was made or replayed. */
  readonly failures?: number
  readonly last?: AttemptError
  /** The newest, oldest first. */
  readonly history?: readonly AttemptError[]
}

export interface AttemptError extends JobError {
  /** ISO 8601. */
  readonly at: string
}

const MOST_KEPT = 10

export function failuresOf({ output }: Pick<ClaimedJob, 'output'>): number {
  return output?.failures ?? 0
}

/** One attempt more that failed. */
export function withFailure(
  { output }: Pick<ClaimedJob, 'output'>,
  { code, message }: JobError,
): JobHistory {
  const last = { code, message: storable(message), at: new Date().toISOString() }
  return {
    ...output,
    failures: (output?.failures ?? 0) + 1,
    last,
    history: [...(output?.history ?? []), last].slice(-MOST_KEPT),
  }
}

/** PostgreSQL's JSON takes neither a zero byte nor half a character. */
const storable = (text: string) => text.toWellFormed().replaceAll('\0', ' ')
