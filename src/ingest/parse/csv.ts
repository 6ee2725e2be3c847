import { parse } from 'csv-parse/sync'
import type { ParseLimits } from '../../core/document.ts'
import type { Tell } from '../../core/tell.ts'
import { parseFailure } from './parse-failure.ts'
import { createTextBuilder, type Draft } from './text-builder.ts'
import { describeRecord, hasHeader } from './table-text.ts'

/**
 * Every record is one line and one block, `Header: value; Header: value`: a record found on its own says
 * what its values mean. Empty values are left out. Without a header the values stand in order, ` | ` between them.
 */
export function parseCsv(text: string, limits: ParseLimits, tell: Tell): Draft {
  const records = readRecords(text, tell)
  const builder = createTextBuilder(limits.maxExpandedBytes)
  const header = hasHeader(records) ? (records[0] ?? null) : null
  const rows = header === null || records.length === 1 ? records : records.slice(1)
  for (const [at, row] of rows.entries()) {
    builder.addTight('table', describeRecord(row, rows === records ? null : header))
    tell(rows.length + at + 1, 2 * rows.length)
  }
  return builder.build(null)
}

function readRecords(text: string, tell: Tell): readonly (readonly string[])[] {
  const bytes = Buffer.byteLength(text)
  try {
    return parse(text, {
      delimiter: findDelimiter(text),
      bom: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      trim: true,
      // Half of the work; the other half is to describe what was read.
      on_record(record: string[], context) {
        tell(context.bytes, 2 * bytes)
        return record
      },
    })
  } catch (error) {
    throw parseFailure(
      'file_malformed',
      `The table breaks off inside a quoted value${lineOf(error)}. Export it again.`,
      error,
    )
  }
}

function findDelimiter(text: string): string {
  const head = text
    .slice(0, 10_000)
    .replaceAll(/"[^"]*"/g, '')
    .split('\n', 10)
  const counts = [',', ';', '\t', '|'].map((delimiter) => ({
    delimiter,
    count: Math.min(
      ...head.filter((line) => line.trim() !== '').map((line) => line.split(delimiter).length),
    ),
  }))
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter
}

function lineOf(error: unknown): string {
  const isNumbered = error instanceof Error && 'lines' in error && typeof error.lines === 'number'
  return isNumbered ? ` near line ${String(error.lines)}` : ''
}
