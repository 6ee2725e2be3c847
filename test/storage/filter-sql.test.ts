import fc from 'fast-check'
import { expect, test } from 'vitest'
import { onEveryLibrary } from './library.ts'
import type { Attributes, AttributeValue, ComparisonFilter, Filter } from '../../src/core/filter.ts'
import { compileFilter } from '../../src/storage/filter-sql.ts'

function matches(filter: Filter, attributes: Attributes): boolean {
  if (filter.type === 'and') return filter.filters.every((part) => matches(part, attributes))
  if (filter.type === 'or') return filter.filters.some((part) => matches(part, attributes))
  return compares(filter as ComparisonFilter, attributes)
}

function compares({ type, key, value }: ComparisonFilter, attributes: Attributes): boolean {
  const attribute = Object.hasOwn(attributes, key) ? attributes[key] : undefined
  const among = (list: unknown) => (list as unknown[]).some((item) => item === attribute)
  if (type === 'eq') return attribute === value
  if (type === 'ne') return attribute !== value
  if (type === 'in') return among(value)
  if (type === 'nin') return !among(value)
  if (attribute === undefined || typeof attribute !== typeof value) return false
  const order = compare(attribute, value as AttributeValue)
  return { gt: order > 0, gte: order >= 0, lt: order < 0, lte: order <= 0 }[type]
}

const compare = (one: AttributeValue, other: AttributeValue) =>
  typeof one === 'string'
    ? Buffer.compare(Buffer.from(one), Buffer.from(String(other)))
    : Number(one) - Number(other)

const text = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'A',
    'b',
    'ä',
    '10',
    '9',
    'true',
    '\u{1F5FF}',
    '\uFFFD',
    `'; drop table documents --`,
    '$1',
    '"\\',
  ),
  fc.string({ unit: 'binary', maxLength: 4 }).filter((value) => !value.includes('\0')),
)
const number = fc.oneof(
  fc.constantFrom(0, -0, 1, 9, 10, 0.1, 1e21, 2 ** 53),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)
const value = fc.oneof(text, number, fc.boolean())
const key = fc.oneof(fc.constantFrom('a', 'b', 'c'), text)
const attributes = fc.dictionary(key, value, { maxKeys: 4 })
const comparison = fc.oneof(
  fc.record({ type: fc.constantFrom('eq', 'ne', 'gt', 'gte', 'lt', 'lte'), key, value }),
  fc.record({
    type: fc.constantFrom('in', 'nin'),
    key,
    value: fc.array(fc.oneof(text, number), { maxLength: 4 }),
  }),
)
const filter = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 3 }, comparison, tie('compound')),
  compound: fc.record({
    type: fc.constantFrom('and', 'or'),
    filters: fc.array(tie('any'), { maxLength: 3 }),
  }),
})).any as fc.Arbitrary<Filter>

onEveryLibrary('filters', ({ database, newTenant }) => {
  test('the database agrees with a plain reading of any filter', async () => {
    const tenant = await newTenant()
    await database.transact(tenant, (transaction) =>
      fc.assert(
        fc.asyncProperty(
          fc.array(attributes, { minLength: 1, maxLength: 8 }),
          filter,
          async (rows, by) => {
            const values: unknown[] = [rows.map((row) => JSON.stringify(row))]
            const condition = compileFilter(by, (bound) => `$${values.push(bound)}`)
            const found = await transaction.query<{ place: number }>(
              `select place from unnest($1::jsonb[]) with ordinality as row (attributes, place) where ${condition} order by place`,
              values,
            )

            expect(found.map((row) => row.place - 1)).toEqual(
              rows.flatMap((row, place) => (matches(by, row) ? [place] : [])),
            )
          },
        ),
        { numRuns: 400 },
      ),
    )
  })
})
