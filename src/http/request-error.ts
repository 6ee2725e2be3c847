import { AppError } from '../core/errors.ts'

/** OpenAI's finer names for a request that cannot be taken. */
export type RequestFault =
  | 'invalid_json'
  | 'invalid_type'
  | 'invalid_value'
  | 'method_not_allowed'
  | 'idempotency_key_reused'
  | 'missing_required_parameter'
  | 'mutually_exclusive_parameters'
  | 'previous_response_not_found'
  | 'range_not_satisfiable'
  | 'unknown_parameter'
  | 'unknown_url'
  | 'unsupported_media_type'
  | 'unsupported_parameter'

/** A refusal by the HTTP layer itself, with its own word on the wire. */
export class RequestError extends AppError {
  readonly fault: RequestFault
  readonly status: number

  constructor(fault: RequestFault, message: string, at: { param?: string; status?: number } = {}) {
    super('input_rejected', message, at.param === undefined ? {} : { param: at.param })
    this.fault = fault
    this.status = at.status ?? 400
  }
}

export function unsupported(param: string, message: string): RequestError {
  return new RequestError('unsupported_parameter', message, { param })
}

export function invalidValue(param: string, message: string): RequestError {
  return new RequestError('invalid_value', message, { param })
}
