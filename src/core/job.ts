import { AppError, type ErrorCode } from './errors.ts'

/** Why an attempt failed, in words that its tenant may read. */
export interface JobError {
  readonly code: string
  readonly message: string
}

/** What a tenant may read of it. `work` ends the sentence "Something broke on the server while it …". */
export function jobErrorOf(
  error: unknown,
  work = 'worked on this',
): JobError & { readonly code: ErrorCode } {
  if (error instanceof AppError) return { code: error.code, message: error.message }
  return {
    code: 'internal',
    message: `Something broke on the server while it ${work}; its log says what.`,
  }
}

/** The job was cancelled, or has been given to another worker: what this one did of it does not count. */
export class JobLost extends Error {
  override readonly name = 'JobLost'
  constructor() {
    super('The job is no longer this worker’s.')
  }
}
