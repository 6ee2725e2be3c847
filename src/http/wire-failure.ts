import type { FastifyError } from 'fastify'
import type { ErrorEnvelope } from '../contract/error-envelope.ts'
import { AppError } from '../core/errors.ts'
import { CallerGone } from './calls.ts'
import { ERROR_STATUS, UNKNOWN_ERROR, type WireError } from './error-status.ts'
import { RequestError, type RequestFault } from './request-error.ts'

export interface WireFailure extends WireError {
  readonly message: string
  readonly param: string | null
  /** Null where trying again at once or later makes no difference. */
  readonly retryAfterMs: number | null
}

/** What a caller may be told of any failure; what nobody foresaw says nothing of itself. */
export function wireFailure(error: unknown): WireFailure {
  if (error instanceof AppError) return ofAppError(error)
  // Nobody reads it; it is for the log.
  if (error instanceof CallerGone) return refusal(499, 'invalid_value', error.message)
  return ofFastify(error) ?? { ...plain(UNKNOWN_ERROR), message: 'Something broke on our side.' }
}

export function envelopeOf({ message, type, code, param }: WireFailure): ErrorEnvelope {
  return { error: { message, type, code, param } }
}

/** For an outage whose end nobody knows. */
const DEFAULT_RETRY_MS = 2_000

function ofAppError(error: AppError): WireFailure {
  const known = ERROR_STATUS[error.code]
  const wire =
    error instanceof RequestError ? { ...known, status: error.status, code: error.fault } : known
  const retryable = wire.status === 503 || wire.status === 429
  return {
    ...wire,
    message: error.message,
    param: error.param ?? null,
    retryAfterMs: error.retryAfterMs ?? (retryable ? DEFAULT_RETRY_MS : null),
  }
}

const plain = (wire: WireError) => ({ ...wire, param: null, retryAfterMs: null })

const refusal = (status: number, code: RequestFault | 'request_too_large', message: string) => ({
  status,
  type: 'invalid_request_error' as const,
  code,
  message,
  param: null,
  retryAfterMs: null,
})

/** Fastify's own refusals, in our words: its codes are its API, its sentences are not ours. */
const FASTIFY_REFUSALS: Readonly<Record<string, WireFailure>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: refusal(
    400,
    'invalid_json',
    'The request body is not valid JSON.',
  ),
  FST_ERR_CTP_EMPTY_JSON_BODY: refusal(
    400,
    'invalid_json',
    'The request says that its body is JSON, but the body is empty.',
  ),
  FST_ERR_CTP_BODY_TOO_LARGE: refusal(
    413,
    'request_too_large',
    'The request body is too large. Documents are sent to POST /v1/files as a form.',
  ),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: refusal(
    415,
    'unsupported_media_type',
    'Set Content-Type to application/json, or to multipart/form-data for POST /v1/files.',
  ),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: refusal(
    400,
    'invalid_value',
    'The request body is not as long as its Content-Length says.',
  ),
  FST_ERR_BAD_URL: refusal(400, 'unknown_url', 'The path is not a valid URL: check its % escapes.'),
  FST_ERR_MAX_PARAM_LENGTH: {
    ...refusal(
      404,
      'invalid_value',
      'There is nothing there: a part of the path is longer than any id.',
    ),
    code: 'not_found',
  },
  FST_ERR_ASYNC_CONSTRAINT: refusal(400, 'unknown_url', 'The request cannot be routed.'),
}

function ofFastify(error: unknown): WireFailure | null {
  if (!(error instanceof Error)) return null
  const { code, statusCode } = error as Partial<FastifyError>
  const known = code === undefined ? undefined : FASTIFY_REFUSALS[code]
  if (known !== undefined) return known
  if (statusCode === undefined || statusCode < 400 || statusCode >= 500) return null
  // The JSON parser's own errors carry a status and no code of Fastify's.
  if (error instanceof SyntaxError) {
    return FASTIFY_REFUSALS['FST_ERR_CTP_INVALID_JSON_BODY'] ?? null
  }
  const sentence = code?.startsWith('FST_') ? error.message : 'The request could not be read.'
  return refusal(statusCode, 'invalid_value', sentence)
}
