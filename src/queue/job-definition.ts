import type { TenantJob } from '../core/ports/queue.ts'

/** How a kind of job is named and retried. */
export interface JobDefinition<Job extends TenantJob = never> {
  readonly name: string
  /** Of what it is about: two jobs with one key are never worked on at the same time. */
  readonly keyOf: (job: Job) => string
  /** Attempts after the first. */
  readonly retryLimit: number
  /** Before the second attempt; doubled for each further one, with some chance in it. */
  readonly retryDelaySeconds: number
  readonly retryDelayMaxSeconds: number
}
