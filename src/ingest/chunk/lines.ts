import { trimRange } from './range.ts'
import type { Range } from './range.ts'

const ITEM_MARKER = /^\s*(?:[-*+•‣◦▪·–—]|\(?(?:\d{1,3}|\p{L})[.)])\s/u

/** The lines that are not blank. */
export function splitLines(text: string, range: Range): Range[] {
  const lines: Range[] = []
  let start = range.start
  while (start < range.end) {
    const found = text.indexOf('\n', start)
    const end = found === -1 || found >= range.end ? range.end : found
    const line = trimRange(text, { start, end })
    if (line !== null) lines.push(line)
    start = end + 1
  }
  return lines
}

/** The items of a list, each with its continuation lines; the lines, where no line bears a marker. */
export function splitItems(text: string, range: Range): Range[] {
  const lines = splitLines(text, range)
  const isItem = lines.map(({ start, end }) => ITEM_MARKER.test(text.slice(start, end)))
  if (!isItem.includes(true)) return lines
  const items: Range[] = []
  for (const [at, line] of lines.entries()) {
    const last = items.at(-1)
    if (last === undefined || isItem[at] === true) items.push(line)
    else items[items.length - 1] = { start: last.start, end: line.end }
  }
  return items
}
