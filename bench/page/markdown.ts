import type { Environment } from '../results.ts'

export type Cell = number | string | null

export function table(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly Cell[]) => `| ${cells.map(show).join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}

function show(cell: Cell): string {
  if (cell === null || Number.isNaN(cell)) return '–'
  return typeof cell === 'number'
    ? cell.toLocaleString('en', { maximumSignificantDigits: 4 })
    : cell
}

export const milliseconds = (value: number): string => `${value} ms`
export const share = (value: number | null): Cell => (value === null ? null : value.toFixed(3))
export const percent = (value: number): string => `${(value * 100).toFixed(1)} %`

/** Of a table made of several runs. */
export function provenances(runs: readonly { readonly environment: Environment }[]): string {
  return [...new Set(runs.map(({ environment }) => provenance(environment)))].join('<br>\n')
}

/** Under every section: what its figures were measured on, and how to measure them again. */
export function provenance(environment: Environment): string {
  const { date, commit, command, node, processor, cores, memoryGiB, loadAtStart } = environment
  return `<sub>${date}, commit ${commit}, Node ${node}, ${processor}, ${cores} cores, ${memoryGiB} GiB, load ${loadAtStart} as it began. \`${command}\`</sub>`
}
