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

/** As a tenant may read it whose bucket it is: what the server called its refusal, and nothing else of its answer. */
export function asBucketError(error: unknown, { bucket }: { readonly bucket: string }): unknown {
  if (error instanceof AppError) return error
  const options = { cause: error }
  if (nameOf(error) === 'InvalidObjectState') {
    const message = 'It is archived: restore it, or leave it out by a pattern.'
    return new AppError('file_type_unsupported', message, options)
  }
  const status = statusOf(error)
  if (status !== null && status < 500 && status !== 408 && status !== 429) {
    const name = nameOf(error) ?? String(status)
    const message = `The bucket "${bucket}" refuses: ${name}. Check its name, the region, the endpoint and what the credentials may do.`
    return new AppError('provider_rejected', message, options)
  }
  const why = codeOf(error) ?? nameOf(error)
  const message = `The bucket "${bucket}" does not answer${why === null ? '' : ` (${why})`}. Check the region and the endpoint, or try again in a moment.`
  return new AppError('provider_unavailable', message, options)
}

const statusOf = (error: unknown): number | null =>
  error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? null) : null

/** Of Amazon's or of Node's making; an odd server's odd words are not repeated. */
const nameOf = (error: unknown): string | null =>
  error instanceof Error && /^[A-Za-z][A-Za-z0-9]{1,60}$/.test(error.name) ? error.name : null

const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && /^[A-Z][A-Z_]{1,60}$/.test(String(error.code))
    ? String(error.code)
    : null
