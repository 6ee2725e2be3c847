import { parseFailure } from './parse-failure.ts'

// Typographic quotes, dashes, bullet, ellipsis, non-breaking space, «», §, ©, ®, °, ·, soft hyphen… in windows-1252.
const PUNCTUATION = new Set([
  0x80, 0x82, 0x84, 0x85, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x99, 0xa0, 0xa1, 0xa3, 0xa7,
  0xa9, 0xab, 0xad, 0xae, 0xb0, 0xb2, 0xb3, 0xb4, 0xb5, 0xb7, 0xbb, 0xbc, 0xbd, 0xbe, 0xbf,
])
// May stand between two letters: apostrophe, dashes, non-breaking space, soft hyphen, middle dot.
const JOINING = new Set([0x92, 0x96, 0x97, 0xa0, 0xad, 0xb7])

/**
 * The text of a text file; null when the bytes are no text at all.
 *
 * 1. A UTF-16 byte order mark decides for UTF-16; broken pairs are `file_malformed`.
 * 2. Valid UTF-8 without NUL, and with controls in at most one character of a hundred, is text.
 * 3. Bytes that are not valid UTF-8 are windows-1252 when there is no control and no valid multi-byte UTF-8
 *    sequence among them, at most 30 % are above ASCII, and 95 % of those stand as that encoding uses them: a letter beside a
 *    letter, punctuation not inside a word.
 * 4. Otherwise they are `file_malformed` when most of the multi-byte sequences are valid UTF-8, and null when not.
 */
export function decodeText(bytes: Uint8Array): string | null {
  const utf16 = decodeUtf16(bytes)
  if (utf16 !== null) return utf16
  if (bytes.includes(0)) return null
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return hasManyControls(text) ? null : text
  } catch {
    return decodeInvalid(bytes)
  }
}

function decodeUtf16(bytes: Uint8Array): string | null {
  const little = bytes[0] === 0xff && bytes[1] === 0xfe
  const big = bytes[0] === 0xfe && bytes[1] === 0xff
  if ((!little && !big) || bytes.length < 4) return null
  let text: string
  try {
    text = new TextDecoder(little ? 'utf-16le' : 'utf-16be', { fatal: true }).decode(bytes)
  } catch (error) {
    throw parseFailure(
      'file_malformed',
      'The file begins as UTF-16 text but holds broken characters. Save it again as UTF-8.',
      error,
    )
  }
  return text.includes('\0') || hasManyControls(text) ? null : text
}

function decodeInvalid(bytes: Uint8Array): string | null {
  const found = surveyHighBytes(bytes)
  if (found.controls > bytes.length / 100) return null
  if (found.validSequences === 0 && found.controls === 0 && isWindows1252(bytes)) {
    return new TextDecoder('windows-1252').decode(bytes)
  }
  const mostlyAscii = found.high <= bytes.length * 0.3
  if (found.validSequences > found.invalid || (mostlyAscii && found.controls === 0)) {
    throw parseFailure(
      'file_malformed',
      `The text is not valid UTF-8: the first broken character is at byte ${found.firstInvalid}. Save the file again as UTF-8.`,
    )
  }
  return null
}

interface HighBytes {
  readonly controls: number
  readonly high: number
  readonly validSequences: number
  readonly invalid: number
  readonly firstInvalid: number
}

function surveyHighBytes(bytes: Uint8Array): HighBytes {
  let controls = 0
  let high = 0
  let validSequences = 0
  let invalid = 0
  let firstInvalid = -1
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    if (isControl(byte)) controls++
    if (byte < 0x80) continue
    high++
    const length = sequenceLength(bytes, at)
    if (length > 1) {
      validSequences++
      high += length - 1
      at += length - 1
      continue
    }
    invalid++
    if (firstInvalid < 0) firstInvalid = at
  }
  return { controls, high, validSequences, invalid, firstInvalid }
}

/** Bytes of the well-formed multi-byte sequence at this place, 0 when there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
  if (lead < 0xc2 || lead > 0xf4 || at + length > bytes.length) return 0
  for (let next = at + 1; next < at + length; next++) {
    if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0
  }
  return length
}

function isWindows1252(bytes: Uint8Array): boolean {
  let high = 0
  let plausible = 0
  for (let at = 0; at < bytes.length; at++) {
    if ((bytes[at] ?? 0) < 0x80) continue
    high++
    if (isPlausible(bytes, at)) plausible++
  }
  return high <= bytes.length * 0.3 && plausible >= high * 0.95
}

function isPlausible(bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at] ?? 0
  const before = isAsciiLetter(bytes[at - 1] ?? 0)
  const after = isAsciiLetter(bytes[at + 1] ?? 0)
  if (isHighLetter(byte)) return before || after
  if (JOINING.has(byte)) return true
  return PUNCTUATION.has(byte) && !(before && after)
}

// ÿ and þ are left out: they are far more often the bytes FF and FE of something else.
function isHighLetter(byte: number): boolean {
  const isLigatureOrCaron = [0x8a, 0x8c, 0x8e, 0x9a, 0x9c, 0x9e, 0x9f].includes(byte)
  return isLigatureOrCaron || (byte >= 0xc0 && byte < 0xfe && byte !== 0xd7 && byte !== 0xf7)
}

function isAsciiLetter(byte: number): boolean {
  return (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
}

function isControl(byte: number): boolean {
  return byte === 0x7f || (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13)
}

function hasManyControls(text: string): boolean {
  let controls = 0
  for (let at = 0; at < text.length; at++) {
    if (isControl(text.charCodeAt(at))) controls++
  }
  return controls > text.length / 100
}
