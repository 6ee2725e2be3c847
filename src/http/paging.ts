import type { Cursor } from '../core/ports/files.ts'
import { invalidValue } from './request-error.ts'

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

/** A page of what is held as a whole, oldest first; one more than the page takes where there are more. */
export function pageFrom<Item extends { readonly id: string }>(
  oldestFirst: readonly Item[],
  { after, before, limit, order }: Cursor,
): readonly Item[] {
  const all = order === 'asc' ? oldestFirst : oldestFirst.toReversed()
  const placeOf = (id: string, param: string) => {
    const place = all.findIndex((item) => item.id === id)
    if (place >= 0) return place
    throw invalidValue(
      param,
      `Nothing in this list has the id given as '${param}'; take it from a page of the same list.`,
    )
  }
  const from = after === null ? 0 : placeOf(after, 'after') + 1
  const to = before === null ? all.length : placeOf(before, 'before')
  if (before === null || after !== null) return all.slice(from, to).slice(0, limit + 1)
  // The page that ends at its cursor; what is before it comes last, as the one more.
  const page = all.slice(Math.max(0, to - limit), to)
  return to > limit ? [...page, ...all.slice(0, 1)] : page
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
