/** What became of an attempt. */
export type JobFate =
  | 'buried'
  | 'completed'
  | 'deferred'
  | 'handed-back'
  | 'lost'
  | 'parked'
  | 'retried'
  | 'withdrawn'

export interface JobEvent {
  readonly type: 'job-begun' | `job-${JobFate}`
  readonly jobId: string
  readonly kind: string
  readonly tenantId: string
  /** From 1. */
  readonly attempt: number
  /** Since the attempt began. */
  readonly seconds: number
  /** Of the failure. */
  readonly code?: string
  readonly error?: unknown
}
