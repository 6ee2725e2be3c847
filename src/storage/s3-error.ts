import { S3ServiceException } from '@aws-sdk/client-s3'
import { AppError } from '../core/errors.ts'

/** The object is not there. A bucket that is not there is something else. */
export function isMissingObject(error: unknown): boolean {
  return (
    error instanceof S3ServiceException && (error.name === 'NoSuchKey' || error.name === 'NotFound')
  )
}

export function isEmptyRange(error: unknown): boolean {
  return error instanceof S3ServiceException && error.name === 'InvalidRange'
}

/** As the pipelines know it. What is wrong with the configuration goes into the log by its cause. */
export function asStoreError(error: unknown, { bucket }: { readonly bucket: string }): unknown {
  if (error instanceof AppError) return error
  if (error instanceof S3ServiceException) {
    const status = error.$metadata.httpStatusCode ?? 500
    if (status < 500 && status !== 408 && status !== 429) {
      const cause = new Error(`The bucket ${bucket} refuses: ${error.name}: ${error.message}`, {
        cause: error,
      })
      const message = 'The file storage refuses the server. Whoever runs it finds why in its log.'
      return new AppError('provider_rejected', message, { cause })
    }
  }
  const message = 'The file storage does not answer. Try again in a moment.'
  return new AppError('provider_unavailable', message, { cause: error })
}
