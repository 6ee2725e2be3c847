import { rowText, type Row } from './pdf-rows.ts'
import type { TextBuilder } from './text-builder.ts'

/** What is usual in the whole document: headings are what stands out from it. */
export interface Typography {
  readonly bodySize: number
  /** Sizes of headings, largest first. */
  readonly headingSizes: readonly number[]
  /** Headers and footers of pages, which must not pass for headings of what follows. */
  readonly running: ReadonlySet<string>
}

const HEADING_SCALE = 1.15
const MAX_HEADING = 160
const MAX_PLAIN_HEADING = 100
const BODY_FONT_SHARE = 0.25
// Running headers and footers: among so many rows at a page's edges, on so many pages.
const EDGE_ROWS = 3
const MIN_RUNNING_PAGES = 3
// In font sizes, baseline to baseline: lines of a paragraph are nearer, rows of a table may be farther.
const LINE_PITCH = 1.6
const ROW_PITCH = 3.2
// Rows of one cell between two rows of several.
const MAX_SINGLES = 4

/** Of the rows of every page. */
export function measureTypography(pages: readonly (readonly Row[])[]): Typography {
  const sizes = weigh(pages.flat(), (row) => bucket(row.size))
  const bodySize = mostFrequent(sizes) ?? 10
  return {
    bodySize,
    headingSizes: [...sizes.keys()]
      .filter((size) => size >= bodySize * HEADING_SCALE)
      .toSorted((a, b) => b - a),
    running: findRunning(pages),
  }
}

/** Lines that several pages have at their top or bottom, whatever their numbers. */
function findRunning(pages: readonly (readonly Row[])[]): ReadonlySet<string> {
  const counts = new Map<string, number>()
  for (const rows of pages) {
    const edges = new Set([...rows.slice(0, EDGE_ROWS), ...rows.slice(-EDGE_ROWS)].map(runningKey))
    for (const key of edges) counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const least = Math.max(MIN_RUNNING_PAGES, pages.length / 10)
  return new Set([...counts].filter(([, count]) => count >= least).map(([key]) => key))
}

function runningKey(row: Row): string {
  return rowText(row).replaceAll(/\d+/g, '#')
}

/** How many characters each value has. */
function weigh<Key>(rows: readonly Row[], keyOf: (row: Row) => Key): ReadonlyMap<Key, number> {
  const weights = new Map<Key, number>()
  for (const row of rows) {
    weights.set(keyOf(row), (weights.get(keyOf(row)) ?? 0) + rowText(row).length)
  }
  return weights
}

interface PageStyle extends Typography {
  readonly pageSize: number
  /** Of the page: many programs embed the same font anew, under another name, for each. */
  readonly bodyFonts: ReadonlySet<string>
}

/** There may be several body fonts: subsets of one font have names of their own. */
function measurePage(rows: readonly Row[], typography: Typography): PageStyle {
  const fonts = weigh(rows, (row) => row.font)
  const all = [...fonts.values()].reduce((sum, weight) => sum + weight, 0)
  const common = [...fonts].filter(([, weight]) => weight >= all * BODY_FONT_SHARE)
  const long = rows.filter((row) => rowText(row).length > MAX_PLAIN_HEADING)
  return {
    ...typography,
    pageSize: mostFrequent(weigh(rows, (row) => bucket(row.size))) ?? typography.bodySize,
    bodyFonts: new Set([...common.map(([font]) => font), ...long.map((row) => row.font)]),
  }
}

/** Adds a page's rows, which are in reading order, as headings, paragraphs, list items and tables. */
export function addPdfBlocks(
  builder: TextBuilder,
  rows: readonly Row[],
  typography: Typography,
): void {
  const style = measurePage(rows, typography)
  let at = 0
  while (at < rows.length) {
    const tableEnd = findTableEnd(rows, at)
    if (tableEnd > at) {
      builder.add('table', rows.slice(at, tableEnd).map(rowText).join('\n'))
      at = tableEnd
      continue
    }
    const end = findParagraphEnd(rows, at, style)
    addLines(builder, rows.slice(at, end), style)
    at = end
  }
}

/** One past the last row of the table that begins here; `at` when none does. */
function findTableEnd(rows: readonly Row[], at: number): number {
  let end = at
  let multi = 0
  for (let next = at; next < rows.length && next - end <= MAX_SINGLES; next++) {
    const row = rows[next]
    const before = rows[next - 1]
    if (row === undefined) break
    if (next > at && before !== undefined && !isNear(before, row, ROW_PITCH)) break
    if (row.cells.length > 1) {
      multi++
      end = next + 1
    } else if (!mayStandInTable(row, rows.slice(at, next), rows[next + 1])) break
  }
  return multi >= 2 ? end : at
}

/** A row of one cell belongs to a table when it keeps to the labels on the left or the figures on the right. */
function mayStandInTable(row: Row, above: readonly Row[], below: Row | undefined): boolean {
  const edge = (above.findLast(isMulti) ?? (below !== undefined && isMulti(below) ? below : row))
    .cells[1]?.x
  if (edge === undefined) return row.x > row.size * 25
  // A heading may stand above the first row of figures; it is no part of the table.
  const isAbove = !above.some(isMulti)
  return isAbove ? row.x >= edge - row.size * 10 : row.right < edge || row.x >= edge - row.size * 4
}

function isMulti(row: Row): boolean {
  return row.cells.length > 1
}

function findParagraphEnd(rows: readonly Row[], at: number, style: PageStyle): number {
  let end = at + 1
  for (; end < rows.length; end++) {
    const before = rows[end - 1]
    const row = rows[end]
    if (before === undefined || row === undefined) break
    if (!isNear(before, row, LINE_PITCH) || startsAnew(before, row)) break
    if (isHeading([before], style) !== isHeading([row], style)) break
    if (findTableEnd(rows, end) > end) break
  }
  return end
}

/** A bullet, another size, or an indented line after one that ended early. */
function startsAnew(before: Row, row: Row): boolean {
  if (isListItem(rowText(row))) return true
  if (Math.abs(before.size - row.size) > 0.1 * row.size) return true
  if (row.cells.length > 1 || before.cells.length > 1) return true
  return row.x - before.x > row.size * 0.9 && /[.!?:]$/.test(rowText(before))
}

function isNear(before: Row, row: Row, pitch: number): boolean {
  const distance = row.y - before.y
  return distance >= 0 && distance <= pitch * Math.max(before.size, row.size)
}

function addLines(builder: TextBuilder, rows: readonly Row[], style: PageStyle): void {
  const text = joinLines(rows.map(rowText))
  const first = rows[0]
  if (first !== undefined && isHeading(rows, style)) {
    builder.addHeading(headingLevel(first, style), text)
  } else if (isListItem(text)) builder.addTight('list', text)
  else builder.add('paragraph', text)
}

function isHeading(rows: readonly Row[], style: PageStyle): boolean {
  const text = rows.map(rowText).join(' ')
  if (text.length > MAX_HEADING || !/\p{L}{2}/u.test(text)) return false
  if (rows.some((row) => style.running.has(runningKey(row)))) return false
  if (rows.every((row) => bucket(row.size) >= style.bodySize * HEADING_SCALE)) return true
  // Bold and italic look alike from here: another font than the body's, on a short line that is no sentence.
  const isSetApart = rows.every(
    (row) =>
      row.font !== '' && !style.bodyFonts.has(row.font) && bucket(row.size) >= style.pageSize,
  )
  const isShort = text.length <= MAX_PLAIN_HEADING && rows.length <= 2
  return (
    (isSetApart || isCapitals(text)) &&
    isShort &&
    !/[.,;:]$/.test(text) &&
    /^\p{Ll}?[\p{Lu}\p{N}]/u.test(text)
  )
}

function isCapitals(text: string): boolean {
  return /\p{Lu}{4}/u.test(text) && !/\p{Ll}|\|/u.test(text)
}

function headingLevel(row: Row, { headingSizes }: Typography): number {
  const rank = headingSizes.indexOf(bucket(row.size))
  return rank < 0 ? Math.min(headingSizes.length, 3) + 1 : Math.min(rank, 2) + 1
}

function isListItem(text: string): boolean {
  return /^(?:[•●▪◦‣·]|[–—*-] |\(?[a-z0-9]{1,3}\) )/.test(text)
}

/** Lines of a paragraph on one line. A hyphen at a line's end stays, without a blank after it. */
function joinLines(lines: readonly string[]): string {
  return lines.reduce((text, line) => (/\p{L}-$/u.test(text) ? text + line : `${text} ${line}`))
}

/** Sizes nearer than half a point are the same. */
function bucket(size: number): number {
  return Math.round(size * 2) / 2
}

function mostFrequent<Key>(counts: ReadonlyMap<Key, number>): Key | null {
  let best: [Key, number] | null = null
  for (const entry of counts) if (best === null || entry[1] > best[1]) best = entry
  return best?.[0] ?? null
}
