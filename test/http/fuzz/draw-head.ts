import type { Draw } from './draw.ts'
import { oddText } from './odd-values.ts'

export interface HeaderLines {
  readonly lines: readonly string[]
  readonly oddWire: boolean
}

/** Headers that have a meaning somewhere, with values that have none, or too much of it. */
export function drawHeaders(draw: Draw): HeaderLines {
  if (draw.chance(0.75)) return { lines: [], oddWire: false }
  if (draw.chance(0.2)) return { lines: draw.pick(BREAKING), oddWire: true }
  const name = draw.pick(NAMES)
  const value = draw.chance(0.3) ? asHeader(oddText(draw)) : draw.pick(VALUES[name] ?? ['x'])
  const line = `${name}: ${value}`
  return { lines: draw.chance(0.1) ? [line, line] : [line], oddWire: false }
}

/** Any byte but those that no header may have. */
const asHeader = (text: string) =>
  Array.from(Buffer.from(text).subarray(0, 3_000))
    .filter((byte) => byte === 9 || (byte > 31 && byte !== 127))
    .map((byte) => String.fromCodePoint(byte))
    .join('')

const VALUES: Readonly<Record<string, readonly string[]>> = {
  accept: ['*/*', 'text/event-stream', 'application/json', '', 'text/html;q=0.9, */*;q=x'],
  authorization: [
    'Bearer',
    'Bearer ',
    'Basic eDp5',
    'Bearer rs_wrong',
    'Bearer a.b.c',
    'bearer eyJhbGciOiJub25lIn0.e30.',
    'Signature',
  ],
  'content-digest': ['', 'sha-256=:AAAA:', 'sha-256=', 'sha-512=:AAAA:', ':::'],
  'content-encoding': ['gzip', 'br', 'identity', 'x'],
  cookie: [
    'ragstone_session=x',
    'ragstone_session=rss_x; ragstone_session=y',
    '=;=',
    '__Host-ragstone_session=%',
    ';',
  ],
  'idempotency-key': ['same', '', 'ü', 'x'.repeat(256), ' '],
  'if-none-match': ['*', '"x"', 'W/"x", "y"', ','],
  'last-event-id': ['7', '-1', 'x'],
  'mcp-protocol-version': ['2025-06-18', '1900-01-01', ''],
  'mcp-session-id': ['x'],
  origin: ['null', 'http://evil.example', 'http://[::1', ''],
  range: [
    'bytes=0-0',
    'bytes=-1',
    'bytes=5-2',
    'bytes=0-1,3-4',
    'bytes=99999999999999999999-',
    'items=1',
  ],
  'ragstone-tenant': ['ten_none', '', '*', "' or 1=1"],
  'signature-input': [
    'sig=("@method");created=1;keyid="x"',
    'sig=(',
    'sig=("@method" "x";bs);created=99999999999999999999',
  ],
  signature: ['sig=:AAAA:', ':', 'sig=1'],
  'sec-fetch-site': ['cross-site', 'same-origin', 'x'],
  traceparent: ['00-0-0-0', 'x'],
  'user-agent': ['', 'x'.repeat(4_000)],
  'x-csrf-token': ['x', ''],
  'x-forwarded-for': ['1.2.3.4', '::1, x', 'unknown', ','],
  'x-forwarded-host': ['evil.example'],
  'x-forwarded-proto': ['https', 'javascript'],
  'x-http-method-override': ['DELETE'],
  'x-request-id': ['mine', '\u00ff'],
}
const NAMES = Object.keys(VALUES)

const BREAKING: readonly (readonly string[])[] = [
  ['content-length: 5'],
  ['content-length: 5', 'content-length: 6'],
  ['content-length: -1'],
  ['content-length: 99999999999999999999'],
  ['content-length: 900000'],
  ['transfer-encoding: chunked'],
  ['transfer-encoding: gzip'],
  ['transfer-encoding: chunked', 'content-length: 3'],
  ['expect: 100-continue'],
  ['expect: the-moon'],
  ['host: other.example'],
  [
    'upgrade: websocket',
    'connection: upgrade',
    'sec-websocket-key: eHh4eHh4eHh4eHh4eHh4eA==',
    'sec-websocket-version: 13',
  ],
  ['upgrade: h2c', 'http2-settings: AAMAAABkAAQAAP__'],
  ['no colon'],
  [': no name'],
  ['sp ace: x'],
  ['x-folded: a', ' b'],
  ['x-nul: a\0b'],
  [`x-large: ${'a'.repeat(20_000)}`],
  Array.from({ length: 150 }, (_, at) => `x-${at}: y`),
]
