/** Why an attempt failed, in words that its tenant may read. */
export interface JobError {
  readonly code: string
  readonly message: string
}

/** The job was cancelled, or has been given to another worker: what this one did of it does not count. */
export class JobLost extends Error {
  override readonly name = 'JobLost'
  constructor() {
    super('The job is no longer this worker’s.')
  }
}
