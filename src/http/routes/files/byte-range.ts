export interface ByteRange {
  readonly start: number
  /** One past the last byte. */
  readonly end: number
}

/**
 * RFC 9110, section 14: one range of bytes. Null where the header is absent, of another unit, malformed or of
 * several ranges, all of which a server may ignore; `unsatisfiable` where it begins behind the end.
 */
export function readByteRange(
  header: string | undefined,
  size: number,
): ByteRange | 'unsatisfiable' | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? []
  if (first === '') return last === '' ? null : lastBytes(Math.min(Number(last), size), size)
  const start = Number(first)
  const through = last === '' ? Infinity : Number(last)
  if (through < start) return null
  return start >= size ? 'unsatisfiable' : { start, end: Math.min(through + 1, size) }
}

function lastBytes(length: number, size: number): ByteRange | 'unsatisfiable' {
  return length === 0 ? 'unsatisfiable' : { start: size - length, end: size }
}
