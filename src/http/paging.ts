import type { Cursor } from '../core/ports/files.ts'

interface PageQuery {
  readonly after?: string
  readonly before?: string
  readonly limit?: number
  readonly order?: 'asc' | 'desc'
}

export function cursorOf(query: PageQuery, limit: number): Cursor {
  return {
    after: query.after ?? null,
    before: query.before ?? null,
    limit: query.limit ?? limit,
    order: query.order ?? 'desc',
  }
}

/** `rows` may be one more than the page takes: that is how it is known that there are more. */
export function pageOfRows<Row, Item extends { readonly id: string }>(
  rows: readonly Row[],
  limit: number,
  wire: (row: Row) => Item,
) {
  const data = rows.slice(0, limit).map(wire)
  return {
    object: 'list' as const,
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: rows.length > limit,
  }
}
