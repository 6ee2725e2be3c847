import { SQSServiceException } from '@aws-sdk/client-sqs'
import { AppError } from '../../core/errors.ts'

/** As a tenant may read it whose queue it is. */
export function queueFailure(error: unknown): unknown {
  if (error instanceof AppError) return error
  const name = error instanceof Error && /^[A-Za-z][\w.]{1,80}$/.test(error.name) ? error.name : ''
  const status = error instanceof SQSServiceException ? error.$metadata.httpStatusCode : undefined
  if (status !== undefined && status < 500 && status !== 429) {
    const message = `The queue refuses: ${name}. Check queue_url, the region and what the credentials may do.`
    return new AppError('provider_rejected', message, { cause: error })
  }
  const message = 'The queue does not answer. Check queue_url, or try again in a moment.'
  return new AppError('provider_unavailable', message, { cause: error })
}
