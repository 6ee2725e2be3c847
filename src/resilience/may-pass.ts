import { AppError } from '../core/errors.ts'

/** Whether the same call may succeed later: nothing is wrong with it, or with us. */
export function mayPass(error: unknown): error is AppError {
  return (
    error instanceof AppError &&
    (error.code === 'provider_unavailable' || error.code === 'rate_limited')
  )
}
