import type { Draw } from './draw.ts'
import { drawBody, type Body } from './draw-body.ts'
import { drawHeaders, type HeaderLines } from './draw-head.ts'
import { drawTarget } from './draw-target.ts'
import type { FuzzRequest } from './fuzz-request.ts'
import type { FuzzWorld } from './fuzz-world.ts'

/** Words that the parser of HTTP does not know. */
const STRANGE = new Set(['NONSENSE', 'get'])
const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'QUERY',
  ...STRANGE,
]

/** One request of one caller to one operation, with something wrong with it more often than not. */
export function drawRequest(draw: Draw, world: FuzzWorld): FuzzRequest {
  const operation = draw.pick(world.operations)
  const caller = draw.chance(0.6) ? world.main : draw.pick(world.callers)
  const stock = world.stockFor(draw)
  const writing = { api: world.api, draw, idFor: stock.idFor, stock }
  const target = drawTarget(draw, operation, writing)
  const body = drawBody(draw, operation, writing)
  const headers = drawHeaders(draw)
  const method = draw.chance(0.97) ? operation.method : draw.pick(METHODS)
  const isChunked = has(headers, 'transfer-encoding')
  const lines = [
    `${method} ${target.text} HTTP/1.1`,
    `host: ${world.host}`,
    'connection: close',
    // A proxy says it: an address of whom too much was wrong would not be let in any longer.
    `x-forwarded-for: 198.51.100.${draw.int(250)}`,
    ...caller.headers(),
    ...bodyLines(body, isChunked || has(headers, 'content-length')),
    ...(operation.path === '/mcp' ? ['accept: application/json, text/event-stream'] : []),
    ...(draw.chance(0.05) ? [`idempotency-key: key-${draw.int(40)}`] : []),
    ...headers.lines,
  ]
  return {
    operation,
    caller: caller.name,
    method,
    target: target.text,
    head: lines.join('\r\n'),
    body: isChunked ? chunks(draw, body.bytes) : body.bytes,
    oddWire: target.oddWire || headers.oddWire || STRANGE.has(method),
  }
}

const has = ({ lines }: HeaderLines, name: string) => lines.some((line) => line.startsWith(name))

function bodyLines({ contentType, bytes }: Body, isMeasured: boolean): readonly string[] {
  const type = contentType === null ? [] : [`content-type: ${contentType}`]
  const isAbsent = contentType === null && bytes.length === 0
  return isMeasured || isAbsent ? type : [...type, `content-length: ${bytes.length}`]
}

/** In pieces as they should be, or not quite. */
function chunks(draw: Draw, bytes: Buffer): Buffer {
  const size = draw.chance(0.7)
    ? bytes.length.toString(16)
    : draw.pick(['zz', '-1', 'ffffffffffffffffff', `${bytes.length};x=y`])
  const end = draw.chance(0.8) ? '\r\n0\r\n\r\n' : ''
  return Buffer.concat([Buffer.from(`${size}\r\n`), bytes, Buffer.from(end)])
}
