import { expect, test } from 'vitest'
import type { Filter } from '../core/filter.ts'
import { compileFilter } from './filter-sql.ts'

const compile = (filter: Filter) => {
  const values: unknown[] = []
  const text = compileFilter(filter, (value) => `$${values.push(value)}`)
  return { text, values }
}
const nested = (depth: number): Filter =>
  depth === 0 ? { type: 'eq', key: 'a', value: 1 } : { type: 'and', filters: [nested(depth - 1)] }

test('keys and values are parameters, never text', () => {
  const { text, values } = compile({ type: 'eq', key: `k'; drop table files; --`, value: `v'--` })

  expect(text).not.toMatch(/drop|v'/)
  expect(values).toEqual([`k'; drop table files; --`, `"v'--"`])
})

test.for<[string, Filter]>([
  ['nested too deep', nested(8)],
  ['too many comparisons', { type: 'or', filters: Array.from({ length: 101 }, () => nested(0)) }],
  ['too long a list', { type: 'in', key: 'a', value: Array.from({ length: 1001 }, (_, n) => n) }],
  ['a list where one value belongs', { type: 'eq', key: 'a', value: ['b'] }],
  ['one value where a list belongs', { type: 'in', key: 'a', value: 'b' }],
  ['infinity', { type: 'gt', key: 'a', value: Infinity }],
  ['NUL in a value', { type: 'eq', key: 'a', value: '\0' }],
  ['NUL in a key', { type: 'eq', key: '\0', value: 1 }],
  ['half a character', { type: 'in', key: 'a', value: ['\uD83D'] }],
  ['an unknown type', { type: 'like', key: 'a', value: 'b' } as unknown as Filter],
])('rejects %s', ([, filter]) => {
  expect(() => compile(filter)).toThrow(
    expect.objectContaining({ code: 'input_rejected', param: 'filters' }),
  )
})

test('takes what is just within the limits', () => {
  const within: Filter = {
    type: 'or',
    filters: Array.from({ length: 100 }, () => ({ type: 'eq', key: 'a', value: 1 })),
  }

  expect(() => [compile(nested(7)), compile(within)]).not.toThrow()
})
