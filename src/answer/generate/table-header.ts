// A header of reports has a few lines: the period, the years, the unit.
const MOST_ROWS = 4
const CALENDAR = /^(?:19|20)\d\d$|,$/

/** How many of a table's leading rows name its columns; offsets and text are the rows' own. */
export function countHeaderRows(rows: readonly string[]): number {
  const rule = rows.findIndex((row) => !/[\p{L}\p{N}]/u.test(row))
  if (rule !== -1 && rule < MOST_ROWS) return rule + 1
  const firstData = rows.findIndex(hasData)
  if (firstData === -1) return rows.length > 2 ? 1 : 0
  return firstData <= MOST_ROWS ? firstData : 0
}

/** A name and a figure that is neither a year nor the day of a date. */
function hasData(row: string): boolean {
  const figures = row.match(/(?<![\p{L}\d.,])\d[\d.,]*/gu) ?? []
  return /\p{L}/u.test(row) && figures.some((figure) => !CALENDAR.test(figure))
}
