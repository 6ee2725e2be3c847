import { ErrorCode } from '@modelcontextprotocol/sdk/types.js'
import { AppError } from '../../../core/errors.ts'
import { wireFailure, type WireFailure } from '../../wire-failure.ts'

/** The protocol's own code for a resource that is not there. */
const RESOURCE_NOT_FOUND = -32002

/** An error of JSON-RPC. The protocol's library reads `code`, `message` and `data` off whatever is thrown. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: number
  readonly data: Readonly<Record<string, unknown>> | undefined

  constructor(code: number, message: string, data?: Readonly<Record<string, unknown>>) {
    super(message)
    this.code = code
    this.data = data
  }
}

export function invalidParams(message: string): RpcError {
  return new RpcError(ErrorCode.InvalidParams, message)
}

/** `data.code` is the same word as in the envelope of `/v1`. */
export function rpcErrorOf(error: unknown): RpcError {
  if (error instanceof RpcError) return error
  const failure = wireFailure(error)
  return new RpcError(rpcCode(error, failure), failure.message, dataOf(failure))
}

function rpcCode(error: unknown, { status, code }: WireFailure): number {
  if (code === 'invalid_json') return ErrorCode.ParseError
  if (status >= 500) return ErrorCode.InternalError
  if (!(error instanceof AppError)) return ErrorCode.InvalidRequest
  if (error.code === 'resource_not_found') return RESOURCE_NOT_FOUND
  return error.code === 'unauthenticated' || error.code === 'permission_denied'
    ? ErrorCode.InvalidRequest
    : ErrorCode.InvalidParams
}

export function dataOf({ code, param, retryAfterMs }: WireFailure) {
  return {
    code,
    ...(param === null ? {} : { param }),
    ...(retryAfterMs === null ? {} : { retry_after_ms: retryAfterMs }),
  }
}
