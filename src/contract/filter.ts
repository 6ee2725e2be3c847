import { Type } from 'typebox'

/** Read by hand (`http/filter-reader.ts`), for its depth is open and its faults deserve a place and a name. */
export const filterParam = Type.Unsafe<unknown>({
  type: 'object',
  description:
    'A comparison `{ type: "eq" | "ne" | "gt" | "gte" | "lt" | "lte" | "in" | "nin", key, value }`, or `{ type: "and" | "or", filters: […] }` of such, nested up to eight deep.',
  examples: [{ type: 'eq', key: 'language', value: 'en' }],
})
