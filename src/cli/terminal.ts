import { styleText } from 'node:util'
import type { CliDeps } from './deps.ts'

type Stream = CliDeps['stdout']
type Style = 'bold' | 'cyan' | 'dim' | 'green' | 'red' | 'yellow'

/** Coloured only for a terminal; NO_COLOR and FORCE_COLOR have the last word. */
export function paint(stream: Stream, style: Style, text: string): string {
  return styleText(style, text, { stream: stream as NodeJS.WriteStream, validateStream: true })
}

export function line(stream: Stream, text = ''): void {
  stream.write(`${text}\n`)
}

/** One JSON value on one line. */
export function jsonLine(stream: Stream, value: unknown): void {
  line(stream, JSON.stringify(value))
}

/** Columns as wide as their widest cell, the last one ragged; numbers stand to the right. */
export function table(
  stream: Stream,
  headings: readonly string[],
  rows: readonly (readonly (number | string)[])[],
): void {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => String(row[column] ?? '').length)),
  )
  const render = (cells: readonly (number | string)[]) =>
    cells
      .map((cell, column) => {
        const width = column === cells.length - 1 && typeof cell === 'string' ? 0 : widths[column]
        const text = String(cell)
        return typeof cell === 'number' ? text.padStart(width ?? 0) : text.padEnd(width ?? 0)
      })
      .join('  ')
      .trimEnd()
  line(stream, paint(stream, 'bold', render(headings)))
  for (const row of rows) line(stream, render(row))
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** `1.2 MB`, in thousands. */
export function size(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3))
  const value = bytes / 1000 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`
}

/** `1 file`, `2 files`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`
}

/** Seconds since 1970 as a day and a minute, universal time. */
export function moment(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')
}

/** On one line, at most `width` long. */
export function excerpt(text: string, width: number): string {
  const flat = text.replace(/\s+/g, ' ').trim()
  return flat.length <= width ? flat : `${flat.slice(0, width - 1).trimEnd()}…`
}
