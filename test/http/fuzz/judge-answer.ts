import type { Operation } from './api-document.ts'
import type { FuzzRequest } from './fuzz-request.ts'
import type { RawAnswer } from './raw-exchange.ts'

/** Of a path that is of no operation, and of a method that an operation has not; the body is read before that is said. */
const UNROUTED = [400, 404, 405, 413, 415]
/** What the parser of HTTP says by itself. */
const OF_THE_PARSER = [400, 408, 413, 417, 431]
const HEADERS: Readonly<Record<string, RegExp>> = {
  'x-request-id': /^req_[0-9a-f]{32}$/,
  'x-content-type-options': /^nosniff$/,
  'x-frame-options': /^DENY$/,
  'referrer-policy': /^no-referrer$/,
  'content-security-policy': /default-src 'none'/,
  'cache-control': /./,
}
const INSIDES = [
  /\bat (async )?[\w.<>[\] ]+ \((file:|node:|\/)/,
  /node:internal|node_modules|file:\/\/\/|\/src\/\w+\/|\bsrc\/\w+\/[\w-]+\.ts/,
  /\b(syntax error at or near|violates \w+[ -]\w*|duplicate key value|invalid input syntax|out of range for type|relation "|column "|pg_\w+|SQLSTATE)/,
  /\b(TypeError|RangeError|ReferenceError|Cannot read properties|is not a function|is not iterable)\b/,
]

interface Judged {
  readonly request: FuzzRequest
  readonly operation: Operation | undefined
  readonly answer: RawAnswer
  readonly text: string
}

/** What is wrong with the answer; null where nothing is. */
export function faultOf(
  request: FuzzRequest,
  answer: RawAnswer,
  operations: readonly Operation[],
): string | null {
  const operation = operationOf(request, operations)
  const judged = { request, operation, answer, text: answer.body.toString() }
  return statusFault(judged) ?? insideFault(judged) ?? headerFault(judged) ?? shapeFault(judged)
}

function statusFault({ request, operation, answer: { status }, text }: Judged): string | null {
  const documented = operation?.statuses ?? UNROUTED
  const ofTheWire = request.oddWire ? [...OF_THE_PARSER, ...UNROUTED] : []
  if (status >= 500 && status !== 503) return `is answered ${status}: ${text}`
  return documented.includes(status) || ofTheWire.includes(status)
    ? null
    : `is answered ${status}, which is not documented: ${text.slice(0, 500)}`
}

function insideFault({ answer, text }: Judged): string | null {
  if ('x-powered-by' in answer.headers || 'server' in answer.headers) return 'tells what made it'
  if (answer.status < 400) return null
  const inside = INSIDES.find((pattern) => pattern.test(text))
  return inside === undefined
    ? null
    : `tells what is inside (${inside.source.slice(0, 20)}…): ${text.slice(0, 800)}`
}

function headerFault({ answer: { headers } }: Judged): string | null {
  const missing = Object.entries(HEADERS).find(
    ([name, pattern]) => !pattern.test(headers[name] ?? ''),
  )
  return missing === undefined ? null : `lacks ${missing[0]}: ${headers[missing[0]]}`
}

function shapeFault({ request, operation, answer, text }: Judged): string | null {
  const { status, headers } = answer
  const type = headers['content-type'] ?? 'no type'
  const isJson = type.startsWith('application/json')
  const isBare = request.method === 'HEAD' || status === 304 || status === 202
  if (isBare || (status < 400 && !isJson)) return null
  const body = isJson ? parsed(text) : undefined
  if (body === undefined) return `is ${status} with ${type}: ${text.slice(0, 300)}`
  const problem = problemWith(operation?.check(status) ?? null, body, {
    status,
    oddWire: request.oddWire,
  })
  return problem === null ? null : `is not as documented (${problem}): ${text.slice(0, 500)}`
}

function problemWith(
  check: ReturnType<Operation['check']>,
  body: unknown,
  { status, oddWire }: { readonly status: number; readonly oddWire: boolean },
): string | null {
  if (check === null) return status < 400 || isError(body) ? null : 'no error that is known'
  // The parser of HTTP knows one envelope only.
  if (oddWire && isError(body)) return null
  return check(body) ? null : JSON.stringify(check.errors?.slice(0, 3))
}

/** The envelope, and the forms of OAuth and JSON-RPC. */
function isError(body: unknown): boolean {
  const { error } = Object(body) as { readonly error?: unknown }
  if (typeof error === 'string')
    return typeof Reflect.get(Object(body), 'error_description') === 'string'
  const { message, code, type, param } = Object(error) as Readonly<Record<string, unknown>>
  if (typeof message !== 'string') return false
  if (Reflect.get(Object(body), 'jsonrpc') === '2.0') return typeof code === 'number'
  return (
    typeof type === 'string' &&
    typeof code === 'string' &&
    (param === null || typeof param === 'string')
  )
}

function operationOf(
  { method, target }: FuzzRequest,
  operations: readonly Operation[],
): Operation | undefined {
  const [path = ''] = target.replace(/^http:\/\/[^/]+/, '').split(/[?#]/)
  const asked = method === 'HEAD' ? 'GET' : method
  return operations
    .filter((each) => each.method === asked)
    .toSorted((one, other) => one.path.split('{').length - other.path.split('{').length)
    .find((each) => new RegExp(`^${each.path.replaceAll(/\{\w+\}/g, '[^/]*')}/?$`).test(path))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
