import type { ExportedTable, RowKey, RowReader } from '../../core/ports/tenant-rows.ts'
import type { TableSummary } from './manifest.ts'
import type { Ledger } from './ledger.ts'

/** What is in memory at once: about as much, or one row that is longer. */
const PART_BYTES = 1_048_576
const MOST_ROWS = 2_000

/** A folder of NDJSON, in parts: a tar says how long an entry is before its first byte. */
export async function writeTable(
  table: ExportedTable,
  { reader, ledger }: { readonly reader: RowReader; readonly ledger: Ledger },
): Promise<TableSummary> {
  let rows = 0
  let parts = 0
  for await (const lines of partsOf(table, reader)) {
    rows += lines.length
    parts += 1
    const content = Buffer.from(lines.map((line) => `${line}\n`).join(''))
    const path = `tables/${table.name}/${String(parts).padStart(6, '0')}.ndjson`
    await ledger.add({ path, bytes: content.length, content: [content] })
  }
  return { rows, columns: table.columns, withheld: table.withheld }
}

/** Pages as long as a part: how many rows that is, the pages before say. */
export async function* partsOf(
  table: ExportedTable,
  reader: Pick<RowReader, 'page'>,
): AsyncGenerator<readonly string[]> {
  let after: RowKey | null = null
  let limit = 100
  do {
    const { lines, next } = await reader.page(table, after, limit)
    if (lines.length > 0) yield lines
    const bytes = lines.reduce((sum, line) => sum + line.length, 0)
    const fitting = Math.floor((lines.length * PART_BYTES) / Math.max(bytes, 1))
    limit = Math.min(Math.max(fitting, 1), limit * 4, MOST_ROWS)
    after = next
  } while (after !== null)
}
