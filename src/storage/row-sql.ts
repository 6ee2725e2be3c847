import pg from 'pg'
import type { ExportedTable, RowKey } from '../core/ports/tenant-rows.ts'

export interface Column {
  readonly name: string
  readonly type: string
  /** In the primary key; null for what is not in it. */
  readonly place: number | null
}

const quoted = (name: string) => pg.escapeIdentifier(name)

/** As JSON says it without loss: exact numbers as text, times in UTC to the microsecond, bytes as hex digits. */
const AS_JSON: Readonly<Record<string, (column: string) => string>> = {
  bytea: (column) => `encode(${column}, 'hex')`,
  halfvec: (column) => `${column}::text::json`,
  numeric: (column) => `${column}::text`,
  'timestamp with time zone': (column) =>
    `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
}

/** A page of the tenant `$1`, as lines of JSON beside the keys by which to go on. */
export function selectRows(
  table: ExportedTable,
  columns: readonly Column[],
  { after, limit }: { readonly after: RowKey | null; readonly limit: number },
): { readonly text: string; readonly values: readonly unknown[] } {
  const typeOf = new Map(columns.map(({ name, type }) => [name, type]))
  const owner = typeOf.has('tenant_id') ? 'tenant_id' : 'id'
  const key = columns
    .filter(({ name, place }) => place !== null && name !== owner)
    .toSorted((one, other) => (one.place ?? 0) - (other.place ?? 0))
  const members = table.columns.map((name) => {
    const column = `entry.${quoted(name)}`
    return `${AS_JSON[typeOf.get(name) ?? '']?.(column) ?? column} as ${quoted(name)}`
  })
  const keyColumns = key.map(({ name }) => `entry.${quoted(name)}`)
  const keyTexts = keyColumns.map((column) => `${column}::text`)
  const bounds = key.map(({ type }, index) => `$${index + 2}::text::${type}`)
  const isBehind = after === null ? '' : `and (${keyColumns.join(', ')}) > (${bounds.join(', ')})`
  const order = keyColumns.length === 0 ? '' : `order by ${keyColumns.join(', ')}`
  return {
    text: `
      select (select row_to_json(shown)::text from (select ${members.join(', ')}) as shown) as line,
        array[${keyTexts.join(', ')}]::text[] as key
      from ${quoted(table.name)} as entry
      where entry.${owner} = $1 ${isBehind} ${order} limit ${Math.trunc(limit)}`,
    values: after ?? [],
  }
}
