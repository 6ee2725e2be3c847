import type { Draw } from './draw.ts'
import { raw } from './raw-json.ts'

const TEXTS: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  'x\udc00y',
  '\u202eright to left\u202c \u2066and back',
  '👩‍👩‍👧‍👦🏳️‍🌈',
  `e${'\u0301'.repeat(500)}`,
  '\ufeffmark',
  '\u2028\u2029\u0085\u00a0',
  '\r\nx-injected: yes\r\n\r\n',
  'ı İ ß ﬁ Ⅷ',
  '\u{10ffff}\uffff\ufffe',
  'null',
  'true',
  '0',
  '-1',
  '1e999',
  'NaN',
  '0x10',
  ' 7 ',
  '../../../etc/passwd',
  '%00%2e%2e%2f',
  "' or '1'='1",
  '"; drop table chunks; --',
  '$1',
  '{{7*7}}${7*7}',
  '<script>alert(1)</script>',
  '\\',
  '%s%n%x',
  '*',
  '__proto__',
  'constructor',
  'toString',
  '0000-00-00T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  '2026-02-30',
  'nobody@campus.example',
  'a@b',
  `${'a'.repeat(250)}@campus.example`,
  'http://127.0.0.1:1/',
  'auto',
  'extractive',
]
const LIMITS = [255, 32_768, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 2 ** 63, 2 ** 64]
const NUMBERS: readonly unknown[] = [
  0,
  -0,
  1,
  -1,
  2,
  0.1,
  -0.5,
  1e-320,
  1e21,
  1e308,
  -1e308,
  LIMITS[0],
  -(2 ** 31) - 1,
  -(2 ** 63),
  raw('1e999'),
  raw('-1e999'),
  raw('9'.repeat(400)),
  raw('1.0'),
  raw(`0.${'0'.repeat(400)}1`),
].concat(LIMITS)
const SHAPES: readonly unknown[] = [
  null,
  true,
  false,
  [],
  {},
  [null],
  [[]],
  [{}],
  { '': '' },
  { '\ud800': 1 },
  { 'a\0b': 1 },
  raw('{"__proto__":{"admin":true}}'),
  raw('{"constructor":{"prototype":{"admin":true}}}'),
  raw('{"a":1,"a":2}'),
  { $ref: '#', type: 'object' },
]

/** Something that hardly any place is meant for; rarely, much of it. */
export function oddValue(draw: Draw): unknown {
  const kind = draw.int(100)
  if (kind < 42) return draw.pick(TEXTS)
  if (kind < 64) return draw.pick(NUMBERS)
  if (kind < 90) return draw.pick(SHAPES)
  return kind < 98 ? muchOf(draw, 2_000) : muchOf(draw, 60_000)
}

export function oddText(draw: Draw): string {
  return draw.chance(0.93)
    ? draw.pick(TEXTS)
    : String(draw.pick(['x', '字', '👾', ' '])).repeat(3_000)
}

function muchOf(draw: Draw, count: number): unknown {
  const depth = Math.min(count, 20_000)
  return draw.pick<() => unknown>([
    () => 'a'.repeat(count),
    () => '字'.repeat(count),
    () => 'word '.repeat(count / 4),
    () => '\u0301'.repeat(count),
    () => Array.from({ length: count }, () => 0),
    () =>
      Array.from({ length: count / 4 }, () => ({ type: 'message', role: 'user', content: 'x' })),
    () => Object.fromEntries(Array.from({ length: count / 4 }, (_, at) => [`k${at}`, at])),
    () => raw(`${'['.repeat(depth)}${']'.repeat(depth)}`),
    () => raw(`${'{"filters":['.repeat(depth / 8)}${']}'.repeat(depth / 8)}`),
  ])()
}
