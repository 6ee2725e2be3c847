/** Every failure the service can name. The wire sees the code; only http/ knows the status. */
export type ErrorCode =
  | 'budget_exceeded'
  | 'conflict'
  | 'content_damaged'
  | 'content_missing'
  | 'context_length_exceeded'
  | 'cross_site_refused'
  | 'database_unavailable'
  | 'file_empty'
  | 'file_encrypted'
  | 'file_malformed'
  | 'file_too_large'
  | 'file_type_unsupported'
  | 'input_rejected'
  | 'internal'
  | 'limit_reached'
  | 'model_not_found'
  | 'overloaded'
  | 'parse_timeout'
  | 'permission_denied'
  | 'provider_rejected'
  | 'provider_unavailable'
  | 'rate_limited'
  | 'request_too_large'
  | 'resource_not_found'
  | 'shutting_down'
  | 'tenant_suspended'
  | 'unauthenticated'
  | 'worker_lost'

export interface AppErrorOptions {
  readonly cause?: unknown
  /** The request parameter at fault, as the caller spelled it. */
  readonly param?: string
  /** Milliseconds after which the same call may succeed. */
  readonly retryAfterMs?: number
}

/** A failure with a sentence that a caller may read; nothing internal belongs in `message`. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly param: string | undefined
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : {})
    this.code = code
    this.param = options.param
    this.retryAfterMs = options.retryAfterMs
  }
}
