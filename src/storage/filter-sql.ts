import { AppError } from '../core/errors.ts'
import type { AttributeValue, ComparisonFilter, Filter } from '../core/filter.ts'

const MAX_DEPTH = 8
const MAX_COMPARISONS = 100
const MAX_LISTED = 1000

/** Takes a value into the statement's parameters and gives its placeholder: `$7`. */
export type Bind = (value: unknown) => string

/**
 * A condition over a `jsonb` column named `attributes`; keys and values only ever travel as parameters.
 * Values of another type than the attribute's do not match; `ne` and `nin` also hold where the key is missing.
 * Strings are ordered by code point, whatever the database's collation. Throws `input_rejected`.
 */
export function compileFilter(filter: Filter, bind: Bind): string {
  let comparisons = 0
  const compile = (node: Filter, depth: number): string => {
    if (depth > MAX_DEPTH) throw rejected(`Filters may be nested ${MAX_DEPTH} deep at most.`)
    if (!('filters' in node)) {
      comparisons += 1
      if (comparisons > MAX_COMPARISONS)
        throw rejected(`Filters may hold ${MAX_COMPARISONS} comparisons at most.`)
      return compileComparison(node, bind)
    }
    const parts = node.filters.map((part) => compile(part, depth + 1))
    if (parts.length === 0) return node.type === 'and' ? 'true' : 'false'
    return `(${parts.join(` ${node.type} `)})`
  }
  return compile(filter, 1)
}

const ORDERINGS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

function compileComparison({ type, key, value }: ComparisonFilter, bind: Bind): string {
  const attribute = `(attributes -> ${bind(storable(key))}::text)`
  switch (type) {
    case 'eq':
      return `coalesce(${attribute} = ${bind(toJson(single(type, value)))}::jsonb, false)`
    case 'ne':
      return `${attribute} is distinct from ${bind(toJson(single(type, value)))}::jsonb`
    case 'in':
      return `coalesce(${attribute} = any(${bind(listed(type, value))}::jsonb[]), false)`
    case 'nin':
      return `not coalesce(${attribute} = any(${bind(listed(type, value))}::jsonb[]), false)`
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return compileOrdering(attribute, ORDERINGS[type], bind(toJson(single(type, value))))
    default:
      throw rejected(`Unknown filter type "${String(type satisfies never)}".`)
  }
}

/** jsonb orders numbers by value and strings by the database's collation, which differs from place to place. */
function compileOrdering(attribute: string, operator: string, value: string): string {
  const text = (json: string) => `(${json} #>> '{}') collate "C"`
  return `coalesce(jsonb_typeof(${attribute}) = jsonb_typeof(${value}::jsonb) and
    case jsonb_typeof(${value}::jsonb)
      when 'string' then ${text(attribute)} ${operator} ${text(`${value}::jsonb`)}
      else ${attribute} ${operator} ${value}::jsonb
    end, false)`
}

function single(type: string, value: ComparisonFilter['value']): AttributeValue {
  if (typeof value === 'object')
    throw rejected(`Filter "${type}" takes one string, number or boolean.`)
  return value
}

function listed(type: string, value: ComparisonFilter['value']): string[] {
  if (typeof value !== 'object')
    throw rejected(`Filter "${type}" takes a list of strings or numbers.`)
  if (value.length > MAX_LISTED)
    throw rejected(`Filter "${type}" takes ${MAX_LISTED} values at most.`)
  return value.map(toJson)
}

function toJson(value: AttributeValue): string {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw rejected('Numbers in filters must be finite.')
  return JSON.stringify(typeof value === 'string' ? storable(value) : value)
}

function storable(text: string): string {
  if (text.includes('\0') || !text.isWellFormed())
    throw rejected('Text in filters must be valid Unicode without NUL.')
  return text
}

const rejected = (message: string) => new AppError('input_rejected', message, { param: 'filters' })
