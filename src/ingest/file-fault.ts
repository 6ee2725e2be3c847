import { AppError } from '../core/errors.ts'
import type { ErrorCode } from '../core/errors.ts'

/** What no further attempt would change; a spent budget not before days. */
const FAULTS: ReadonlySet<ErrorCode> = new Set([
  'budget_exceeded',
  'content_damaged',
  'content_missing',
  'file_empty',
  'file_encrypted',
  'file_malformed',
  'file_too_large',
  'file_type_unsupported',
  'limit_reached',
  'parse_timeout',
  'request_too_large',
])

export function isFileFault(error: unknown): error is AppError {
  return error instanceof AppError && FAULTS.has(error.code)
}
