import type { ErrorCode } from '../core/errors.ts'

export interface WireError {
  readonly status: number
  /** OpenAI's family of the failure. */
  readonly type: 'invalid_request_error' | 'requests' | 'server_error'
  /** What programs look at. */
  readonly code: string
}

const invalid = (status: number, code: string): WireError => ({
  status,
  type: 'invalid_request_error',
  code,
})
const broken = (status: number, code: string): WireError => ({ status, type: 'server_error', code })

/** Adding a code without a status is a compile error. */
export const ERROR_STATUS: Readonly<Record<ErrorCode, WireError>> = {
  budget_exceeded: { status: 402, type: 'requests', code: 'budget_exceeded' },
  conflict: invalid(409, 'conflict'),
  content_damaged: broken(500, 'content_damaged'),
  content_missing: broken(500, 'content_missing'),
  context_length_exceeded: invalid(400, 'context_length_exceeded'),
  cross_site_refused: invalid(403, 'cross_site_refused'),
  database_unavailable: broken(503, 'database_unavailable'),
  file_empty: invalid(400, 'file_empty'),
  file_encrypted: invalid(400, 'file_encrypted'),
  file_malformed: invalid(400, 'file_malformed'),
  file_too_large: invalid(413, 'file_too_large'),
  file_type_unsupported: invalid(400, 'file_type_unsupported'),
  input_rejected: invalid(400, 'invalid_value'),
  internal: broken(500, 'internal_error'),
  limit_reached: invalid(403, 'limit_reached'),
  model_not_found: invalid(404, 'model_not_found'),
  overloaded: broken(503, 'overloaded'),
  parse_timeout: invalid(400, 'parse_timeout'),
  permission_denied: invalid(403, 'missing_scope'),
  provider_rejected: broken(502, 'provider_rejected'),
  provider_unavailable: broken(503, 'provider_unavailable'),
  rate_limited: { status: 429, type: 'requests', code: 'rate_limit_exceeded' },
  request_too_large: invalid(413, 'request_too_large'),
  resource_not_found: invalid(404, 'not_found'),
  shutting_down: broken(503, 'shutting_down'),
  tenant_suspended: invalid(403, 'tenant_suspended'),
  unauthenticated: invalid(401, 'invalid_api_key'),
  worker_lost: broken(500, 'worker_lost'),
}

export const UNKNOWN_ERROR: WireError = broken(500, 'internal_error')
