/** Whether the first record names columns: every cell filled, none a number, no two alike. */
export function hasHeader(records: readonly (readonly string[])[]): boolean {
  const first = records[0]?.map((cell) => cell.trim()) ?? []
  if (records.length < 2 || first.length < 2) return false
  const isNamed = first.every((cell) => cell !== '' && cell.length <= 100 && !isNumber(cell))
  return isNamed && new Set(first).size === first.length
}

/** One line: `Header: value; Header: value`, or the values alone where there is no header. */
export function describeRecord(cells: readonly string[], header: readonly string[] | null): string {
  if (header === null) return joinCells(cells)
  return cells
    .map((cell, column) => {
      const value = oneLine(cell)
      const name = oneLine(header[column] ?? '')
      if (value === '') return ''
      return name === '' ? value : `${name}: ${value}`
    })
    .filter((part) => part !== '')
    .join('; ')
}

/** `a | b`, with nothing after the last cell that holds something. */
export function joinCells(cells: readonly string[]): string {
  return cells
    .map(oneLine)
    .join(' | ')
    .replace(/(?: \| )+$/, '')
    .replace(/ \|$/, '')
}

function oneLine(cell: string): string {
  return cell.replaceAll(/\s+/g, ' ').trim()
}

function isNumber(cell: string): boolean {
  return /^[-+(]?[$€£]?\s*\d[\d.,\s]*[%)]?$/.test(cell)
}
