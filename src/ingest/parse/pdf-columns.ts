import { narrowRow, type Cell, type Row } from './pdf-rows.ts'

// A column of prose has at least this many lines, each at least this long: a table's cells are shorter.
const MIN_LINES = 6
const MIN_CHARACTERS = 18
// Spanning lines (titles, wide tables) may be this share of a page of columns.
const MAX_CROSSING = 0.4

/**
 * Rows in reading order. Where prose stands in columns, each is read to its end before the next;
 * a line that spans the gutter ends the columns above it. Tables are left as rows.
 */
export function inReadingOrder(rows: readonly Row[]): Row[] {
  const gutter = findGutter(rows)
  if (gutter === null) return [...rows]
  const ordered: Row[] = []
  let left: Row[] = []
  let right: Row[] = []
  const flush = (): void => {
    ordered.push(...inReadingOrder(left), ...inReadingOrder(right))
    left = []
    right = []
  }
  for (const row of rows) {
    if (row.cells.some((cell) => cell.x < gutter && cell.right > gutter)) {
      flush()
      ordered.push(row)
      continue
    }
    const before = row.cells.filter((cell) => cell.right <= gutter)
    const after = row.cells.filter((cell) => cell.x >= gutter)
    if (before.length > 0) left.push(narrowRow(row, before))
    if (after.length > 0) right.push(narrowRow(row, after))
  }
  flush()
  return ordered
}

interface Line extends Cell {
  readonly y: number
  readonly size: number
}

/** Where a vertical line would part two columns of prose; null when there are none. */
function findGutter(rows: readonly Row[]): number | null {
  const lines = rows.flatMap((row) =>
    row.cells.filter(isProse).map((cell): Line => ({ ...cell, y: row.y, size: row.size })),
  )
  if (lines.length < MIN_LINES * 2) return null
  const candidates = new Set(lines.map((line) => Math.floor(line.x) - 1))
  let best: { x: number; crossing: number } | null = null
  for (const x of candidates) {
    const left = lines.filter((line) => line.right <= x)
    const right = lines.filter((line) => line.x >= x)
    const crossing = lines.length - left.length - right.length
    if (crossing > lines.length * MAX_CROSSING || crossing >= (best?.crossing ?? Infinity)) continue
    if (isColumn(left) && isColumn(right) && standSideBySide(left, right)) {
      best = { x, crossing }
    }
  }
  return best?.x ?? null
}

function isProse(cell: Cell): boolean {
  const letters = cell.text.replaceAll(/[^\p{L}]/gu, '').length
  return cell.text.length >= MIN_CHARACTERS && letters > cell.text.length * 0.6
}

/** Enough lines, most of which begin at one edge, nearly fill the width and follow closely: cells of a table stand apart. */
function isColumn(lines: readonly Line[]): boolean {
  if (lines.length < MIN_LINES) return false
  const edge = Math.min(...lines.map((line) => line.x))
  const width = Math.max(...lines.map((line) => line.right)) - edge
  const filling = lines.filter(
    (line) => line.x - edge < width * 0.1 && line.right - line.x > width * 0.7,
  )
  const close = lines.filter((line, at) => line.y - (lines[at - 1]?.y ?? line.y) <= line.size * 1.6)
  return filling.length >= lines.length * 0.6 && close.length >= lines.length * 0.75
}

/** Both reach over more than half of the shorter one's height. */
function standSideBySide(left: readonly Line[], right: readonly Line[]): boolean {
  const [a, b] = [extent(left), extent(right)]
  const overlap = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
  return overlap > Math.min(a.bottom - a.top, b.bottom - b.top) / 2
}

function extent(lines: readonly Line[]): { top: number; bottom: number } {
  const ys = lines.map((line) => line.y)
  return { top: Math.min(...ys), bottom: Math.max(...ys) }
}
