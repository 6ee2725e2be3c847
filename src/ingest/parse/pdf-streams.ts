import { constants, inflateSync } from 'node:zlib'
import type { ParseLimits } from '../../core/document.ts'
import { parseFailure, readableBytes } from './parse-failure.ts'

// A stream's dictionary is written right before it.
const DICTIONARY_WINDOW = 600
// Filters may be chained; nobody needs more than two.
const MAX_FILTERS = 3

/**
 * Inflates every compressed stream that is no picture, once and into nothing, and stops with `file_too_large` where
 * together they pass `maxExpandedBytes`: pdf.js itself would inflate without an end, outside the heap that
 * a thread's limit covers. In a PDF under encryption the streams cannot be told, and only time limits them.
 */
export function checkPdfStreams(bytes: Uint8Array, limits: ParseLimits): void {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let left = limits.maxExpandedBytes
  let at = file.indexOf('stream')
  while (at >= 0) {
    const start = bodyStart(file, at)
    const end = start < 0 ? at + 6 : nextEnd(file, start)
    const filters = start < 0 ? 0 : countFilters(file, at)
    if (filters > 0) left -= measure(file.subarray(start, end), filters, left)
    if (left < 0) throw tooLarge(limits.maxExpandedBytes)
    at = file.indexOf('stream', end + 'endstream'.length)
  }
}

/** After `stream` and its line end; -1 where the word is no keyword. */
function bodyStart(file: Buffer, at: number): number {
  const after = at + 'stream'.length
  if (file[after] === 0x0a) return after + 1
  return file[after] === 0x0d ? after + (file[after + 1] === 0x0a ? 2 : 1) : -1
}

function nextEnd(file: Buffer, start: number): number {
  const end = file.indexOf('endstream', start)
  return end < 0 ? file.length : end
}

function countFilters(file: Buffer, at: number): number {
  const before = file.subarray(Math.max(0, at - DICTIONARY_WINDOW), at).toString('latin1')
  const dictionary = before.slice(before.lastIndexOf(' obj') + 1)
  if (/\/Subtype\s*\/Image/.test(dictionary)) return 0
  return Math.min((dictionary.match(/\/(?:FlateDecode|Fl)\b/g) ?? []).length, MAX_FILTERS)
}

/** Bytes after inflation; more than `most` when it would be more. */
function measure(body: Buffer, filters: number, most: number): number {
  let content = body
  try {
    for (let filter = 0; filter < filters; filter++) {
      content = inflateSync(content, {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: Math.max(most, 1),
      })
    }
  } catch (error) {
    const isOver =
      error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    // Whatever else is wrong with the stream, pdf.js knows better how to go on.
    return isOver ? most + 1 : 0
  }
  return content.byteLength
}

function tooLarge(maxBytes: number): Error {
  return parseFailure(
    'file_too_large',
    `The PDF unpacks to more than the limit of ${readableBytes(maxBytes)}. Make it smaller, or raise the limit on expanded bytes.`,
  )
}
