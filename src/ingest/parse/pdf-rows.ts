/** A piece of text as the PDF draws it, turned so that reading goes right and down. */
export interface Run {
  readonly text: string
  readonly x: number
  /** Of the baseline, growing downwards. */
  readonly y: number
  readonly width: number
  readonly size: number
  readonly font: string
}

/** Text of one row with no wide gap in it. */
export interface Cell {
  readonly text: string
  readonly x: number
  readonly right: number
}

/** What stands on one baseline, from left to right. */
export interface Row {
  readonly cells: readonly Cell[]
  readonly x: number
  readonly right: number
  readonly y: number
  /** The size and the font that most of its characters have; the font is empty where several share the row. */
  readonly size: number
  readonly font: string
}

// In font sizes. Words of justified text are rarely a whole size apart, columns of a table rarely less than 1.5;
// raised signs stand up to half a size above their line.
const SAME_BASELINE = 0.55
const WORD_GAP = 0.15
const CELL_GAP = 1.4
// Between two figures, which no sentence has this far apart.
const FIGURE_GAP = 0.7

/** Groups runs by baseline, top to bottom. */
export function toRows(runs: readonly Run[]): Row[] {
  const rows: Row[] = []
  let group: Run[] = []
  let baseline = 0
  const close = (): void => {
    if (group.length > 0) rows.push(toRow(group))
    group = []
  }
  for (const run of runs.toSorted((a, b) => a.y - b.y)) {
    const size = Math.max(run.size, group[0]?.size ?? 0)
    if (group.length > 0 && run.y - baseline > size * SAME_BASELINE) close()
    if (group.length === 0) baseline = run.y
    group.push(run)
  }
  close()
  return rows
}

/** A row of some of the cells of another: what a column of the page keeps of it. */
export function narrowRow(row: Row, cells: readonly Cell[]): Row {
  return { ...row, cells, x: cells[0]?.x ?? row.x, right: cells.at(-1)?.right ?? row.right }
}

export function rowText(row: Row): string {
  return row.cells.map((cell) => cell.text).join(' | ')
}

function toRow(runs: readonly Run[]): Row {
  const ordered = runs.toSorted((a, b) => a.x - b.x)
  const main = mainRun(ordered)
  const cells = attachSigns(toCells(ordered, main.size))
  const isOneFont = ordered.every(
    (run) => run.font === main.font || !/[\p{L}\p{N}]/u.test(run.text),
  )
  return {
    cells,
    x: cells[0]?.x ?? 0,
    right: cells.at(-1)?.right ?? 0,
    y: main.y,
    size: main.size,
    font: isOneFont ? main.font : '',
  }
}

function mainRun(runs: readonly Run[]): Run {
  return runs.reduce((best, run) => (run.text.length > best.text.length ? run : best))
}

function toCells(runs: readonly Run[], size: number): Cell[] {
  const cells: { text: string; x: number; right: number }[] = []
  for (const run of runs) {
    const last = cells.at(-1)
    const gap = last === undefined ? Number.POSITIVE_INFINITY : run.x - last.right
    if (last === undefined || gap > size * gapLimit(last.text, run.text)) {
      cells.push({ text: run.text.trimStart(), x: run.x, right: run.x + run.width })
      continue
    }
    const isApart = gap > Math.min(size, run.size) * WORD_GAP
    last.text +=
      isApart && !/\s$/.test(last.text) && !/^\s/.test(run.text) ? ` ${run.text}` : run.text
    last.right = Math.max(last.right, run.x + run.width)
  }
  return cells.map((cell) => ({ ...cell, text: tidy(cell.text) }))
}

/** Single blanks, and none before a figure's closing bracket, which tables set apart to align digits. */
function tidy(text: string): string {
  return text
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/(?<=\(\S*\d) \)/g, ')')
}

function gapLimit(before: string, after: string): number {
  if (!/[\d)%—]\s*$/.test(before)) return CELL_GAP
  if (/^\s*[$€£¥]\s*$/.test(after)) return WORD_GAP
  return /^\s*[$€£¥(\d—]/.test(after) ? FIGURE_GAP : CELL_GAP
}

/** Currency signs, brackets and percent signs drawn apart join their number, bullets and numbers their text. */
function attachSigns(cells: readonly Cell[]): Cell[] {
  const joined: Cell[] = []
  for (const cell of cells) {
    const last = joined.at(-1)
    const isPrefix = last !== undefined && isLeadingSign(last.text, joined.length === 1)
    const isSuffix =
      last !== undefined && /^[)%]+$/.test(cell.text) && /\d$|\d[)%]$/.test(last.text)
    if (last === undefined || !(isPrefix || isSuffix)) {
      joined.push(cell)
      continue
    }
    const isTight = isSuffix || /[$€£¥(]$/.test(last.text)
    joined[joined.length - 1] = {
      text: `${last.text}${isTight ? '' : ' '}${cell.text}`,
      x: last.x,
      right: cell.right,
    }
  }
  return joined
}

function isLeadingSign(text: string, isFirst: boolean): boolean {
  if (/^[$€£¥(]+$/.test(text)) return true
  return (
    isFirst &&
    /^(?:[•●▪◦‣–—*·o]|(?:Item|Note|Section|Part|Chapter)?\s?\(?[0-9a-zA-Z]{1,4}[.)])$/i.test(text)
  )
}
