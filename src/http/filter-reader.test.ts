import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Filter } from '../core/filter.ts'
import { readFilter } from './filter-reader.ts'

const scalar = fc.oneof(
  fc.string(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
)
const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    fc.record({
      type: fc.constantFrom('eq' as const, 'ne' as const, 'gt' as const, 'lte' as const),
      key: fc.string({ minLength: 1 }),
      value: scalar,
    }),
    fc.record({
      type: fc.constantFrom('in' as const, 'nin' as const),
      key: fc.string({ minLength: 1 }),
      value: fc.array(fc.oneof(fc.string(), fc.integer()), { minLength: 1 }),
    }),
    fc.record({
      type: fc.constantFrom('and' as const, 'or' as const),
      filters: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }),
    }),
  ),
}))

test('every filter is read as it was written', () => {
  fc.assert(
    fc.property(filter, (written) => {
      expect(readFilter({ ...written }, 'filters')).toEqual(written)
    }),
  )
})

test('whatever is sent is read or refused by its place', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      try {
        readFilter(value, 'filters')
      } catch (error) {
        expect(error).toMatchObject({ param: expect.stringMatching(/^filters/) })
      }
    }),
  )
})

test('a fault deep inside is named by its place', () => {
  const broken = { type: 'and', filters: [{ type: 'eq', key: 'a', value: 1 }, { type: 'like' }] }

  expect(() => readFilter(broken, 'filters')).toThrow(
    expect.objectContaining({ param: 'filters.filters[1].type' }),
  )
})

test('an unknown member is refused', () => {
  expect(() => readFilter({ type: 'eq', key: 'a', value: 1, vaule: 2 }, 'filters')).toThrow(
    expect.objectContaining({ fault: 'unknown_parameter' }),
  )
})

test('filters nest eight deep and no deeper', () => {
  const nested = (depth: number): object =>
    depth === 1 ? { type: 'eq', key: 'a', value: 1 } : { type: 'and', filters: [nested(depth - 1)] }

  expect(() => readFilter(nested(8), 'filters')).not.toThrow()
  expect(() => readFilter(nested(9), 'filters')).toThrow(/at most 8 deep/)
})
