import { AppError } from '../core/errors.ts'
import type { Transaction } from '../core/ports/database.ts'
import type { Cursor } from '../core/ports/files.ts'

/** What a page is cut from. Names of tables and columns are ours; callers only ever give values. */
export interface PageSource {
  /** Everything before `where`; the table the page is of is called `entry`. */
  readonly select: string
  readonly table: string
  /** The column of `table` that a cursor names. */
  readonly id: string
  /** Columns and what they must equal: where a cursor is looked up. */
  readonly within: Readonly<Record<string, string>>
  /** The same, for the rows alone; undefined and null ask for nothing. */
  readonly only: Readonly<Record<string, string | null | undefined>>
  /** Further conditions on the rows alone; `bind` gives a value its placeholder. */
  readonly also?: (bind: (value: unknown) => string) => readonly string[]
}

/**
 * A page by (created_at, id) in the cursor's order, and one row more where there are more: always the last of the
 * array, also with `before`, where the page is the one that ends at the cursor. Throws `input_rejected` for an
 * unknown cursor.
 */
export async function selectPage<Row extends object>(
  transaction: Transaction,
  source: PageSource,
  cursor: Cursor,
): Promise<readonly Row[]> {
  const { select, table, id, within, only, also } = source
  const values: unknown[] = []
  const equal = ([column, value]: [string, unknown]) => `entry.${column} = $${values.push(value)}`
  const scope = ['true', ...Object.entries(within).map(equal)]
  const locate = (placeholder: number) =>
    `select entry.created_at, entry.${id} from ${table} as entry where ${scope.join(' and ')} and entry.${id} = $${placeholder}`
  const conditions = [
    ...scope,
    ...Object.entries(only)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(equal),
    ...(also?.((value) => `$${values.push(value)}`) ?? []),
  ]
  const [onward, back] = cursor.order === 'asc' ? ['>', '<'] : ['<', '>']
  for (const [given, operator] of [
    [cursor.after, onward],
    [cursor.before, back],
  ])
    if (given !== null)
      conditions.push(`(entry.created_at, entry.${id}) ${operator} (${locate(values.push(given))})`)

  const backwards = cursor.before !== null && cursor.after === null
  const direction = (cursor.order === 'asc') === backwards ? 'desc' : 'asc'
  const rows = await transaction.query<Row>(
    `${select} where ${conditions.join(' and ')}
     order by entry.created_at ${direction}, entry.${id} ${direction} limit $${values.push(cursor.limit + 1)}`,
    values,
  )
  // Nothing is after an unknown cursor, so only an empty page leaves the question open.
  if (rows.length === 0) await insistOnCursors()
  if (!backwards) return rows
  return [...rows.slice(0, cursor.limit).toReversed(), ...rows.slice(cursor.limit)]

  async function insistOnCursors(): Promise<void> {
    for (const param of ['after', 'before'] as const) {
      if (cursor[param] === null) continue
      const scoped = Object.values(within)
      const found = await transaction.query(locate(scoped.length + 1), [...scoped, cursor[param]])
      if (found.length === 0)
        throw new AppError(
          'input_rejected',
          `Nothing in this list has the id given as "${param}"; take it from a page of the same list.`,
          { param },
        )
    }
  }
}
