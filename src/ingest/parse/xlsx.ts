import readXlsxFile, { type CellValue } from 'read-excel-file/node'
import type { ParseLimits } from '../../core/document.ts'
import type { Tell } from '../../core/tell.ts'
import { repack, type Archive } from './archive.ts'
import { isXmlPart } from './office-parts.ts'
import { readCoreTitle } from './office-title.ts'
import { describeRecord, hasHeader, joinCells } from './table-text.ts'
import { createTextBuilder, type Draft, type TextBuilder } from './text-builder.ts'

type Cells = readonly string[]

/**
 * A section for each sheet, its name the heading. Rows under a header are lines `Header: value; …`, as in CSV;
 * a sheet without one gives what its rows hold, ` | ` between the cells. Formulas give their stored values,
 * dates are written YYYY-MM-DD.
 */
export async function parseXlsx(archive: Archive, limits: ParseLimits, tell: Tell): Promise<Draft> {
  const builder = createTextBuilder(limits.maxExpandedBytes)
  const workbook = Buffer.from(await repack(archive, isXmlPart))
  const sheets = await readXlsxFile(workbook)
  for (const [at, { sheet, data }] of sheets.entries()) {
    const rows = data.map((row) => row.map(cellText)).filter((cells) => cells.some(isFilled))
    addSheet(builder, sheet, rows)
    // The library, which goes first, says nothing: what it does is half of the work.
    tell(sheets.length + at + 1, 2 * sheets.length)
  }
  return builder.build(await readCoreTitle(archive))
}

function addSheet(builder: TextBuilder, name: string, rows: readonly Cells[]): void {
  if (rows.length === 0) return
  builder.addHeading(1, name)
  const header = hasHeader(rows) ? (rows[0] ?? null) : null
  for (const row of header === null ? rows : rows.slice(1)) {
    builder.addTight(
      'table',
      header === null ? joinCells(row.filter(isFilled)) : describeRecord(row, header),
    )
  }
}

function isFilled(cell: string): boolean {
  return cell.trim() !== ''
}

/** The library's types call a date `typeof Date`. */
function cellText(value: CellValue | Date | null): string {
  if (value === null) return ''
  if (!(value instanceof Date)) return String(value)
  const [day = '', time = ''] = value.toISOString().split('T')
  return time.startsWith('00:00:00') ? day : `${day} ${time.slice(0, 5)}`
}
