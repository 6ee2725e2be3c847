import { gzipSync } from 'node:zlib'
import type { Draw } from './draw.ts'

/** Bytes that are no JSON any longer, or only just, made from some that were. */
export function spoiled(draw: Draw, text: string): Buffer {
  const at = draw.int(text.length + 1)
  const insert = (middle: string) => `${text.slice(0, at)}${middle}${text.slice(at)}`
  const [first = '"a"'] = /"[^"]*"(?=:)/.exec(text) ?? []
  const bytes = Buffer.from(text)
  return draw.pick<() => Buffer>([
    () => bytes.subarray(0, at),
    () =>
      Buffer.from(
        insert(draw.pick(['}', ']', '"', ',', '\\', '\\u12', '\0', '\t', '/**/', 'NaN', '\ufeff'])),
      ),
    () => Buffer.from(text.replaceAll('"', "'")),
    () => Buffer.from(`${text}${text}`),
    // The same member twice, once before and once behind.
    () => Buffer.from(text.replace('{', `{${first}:null,`)),
    () => Buffer.from(text.replace(/\}$/, `,${first}:[{"x":1}]}`)),
    () => Buffer.from(text.replace('{', '{"__proto__":{"x":1},')),
    () => Buffer.concat([bytes.subarray(0, at), draw.pick(BROKEN_UTF8), bytes.subarray(at)]),
    () => Buffer.from(text.replace(/:"/, ':"\u0000')),
    () => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
    () => Buffer.from(text, 'utf16le'),
    () => Buffer.from(text, 'latin1'),
    () => gzipSync(bytes),
    () =>
      Buffer.from(
        draw.pick([
          '',
          ' ',
          '\n',
          'null',
          '0',
          '"text"',
          '[]',
          'undefined',
          '{',
          '[[',
          '{}{}',
          '-',
          '01',
        ]),
      ),
    () => Buffer.from(`${' '.repeat(5_000)}${text}${'\n'.repeat(5_000)}`),
  ])()
}

/** A lone byte of the middle, one cut off, one longer than need be, half a surrogate pair, beyond the last, no UTF-8 at all. */
const BROKEN_UTF8 = [
  [0x80],
  [0xe2, 0x82],
  [0xc0, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xff, 0xfe],
].map((bytes) => Buffer.from(bytes))
