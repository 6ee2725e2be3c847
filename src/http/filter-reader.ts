import type { AttributeValue, ComparisonFilter, CompoundFilter, Filter } from '../core/filter.ts'
import { RequestError, invalidValue } from './request-error.ts'

const DEEPEST = 8
const MOST_VALUES = 1_000
const SINGLE = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte'] as const
const LISTED = ['in', 'nin'] as const
const COMPOUND = ['and', 'or'] as const

type Fields = Readonly<Record<string, unknown>>

/** OpenAI's attribute filter; null where there is none. Throws a RequestError that names the place. */
export function readFilter(value: unknown, param: string, depth = 1): Filter | null {
  if (value === undefined || value === null) return null
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw invalidValue(param, `'${param}' must be an object.`)
  }
  const fields = { ...value } as Fields
  if (depth > DEEPEST) throw invalidValue(param, `Filters nest at most ${DEEPEST} deep.`)
  const { type } = fields
  const compound = COMPOUND.find((name) => name === type)
  if (compound !== undefined) return readCompound(compound, fields, { param, depth })
  const single = SINGLE.find((name) => name === type)
  if (single !== undefined) return readComparison(single, fields, { param, read: readScalar })
  const listed = LISTED.find((name) => name === type)
  if (listed !== undefined) return readComparison(listed, fields, { param, read: readList })
  const known = [...SINGLE, ...LISTED, ...COMPOUND].map((name) => `'${name}'`).join(', ')
  throw invalidValue(`${param}.type`, `'${param}.type' must be one of ${known}.`)
}

function readCompound(
  type: CompoundFilter['type'],
  fields: Fields,
  { param, depth }: { readonly param: string; readonly depth: number },
): CompoundFilter {
  refuseOthers(fields, ['type', 'filters'], param)
  const { filters } = fields
  if (!Array.isArray(filters) || filters.length === 0 || filters.length > MOST_VALUES) {
    throw invalidValue(
      `${param}.filters`,
      `'${param}.filters' must be a list of filters, not empty.`,
    )
  }
  return {
    type,
    filters: filters.map((filter: unknown, index) => {
      const place = `${param}.filters[${index}]`
      const read = readFilter(filter, place, depth + 1)
      if (read === null) throw invalidValue(place, `'${place}' must be an object.`)
      return read
    }),
  }
}

function readComparison(
  type: ComparisonFilter['type'],
  fields: Fields,
  at: {
    readonly param: string
    readonly read: (value: unknown, param: string) => ComparisonFilter['value']
  },
): ComparisonFilter {
  refuseOthers(fields, ['type', 'key', 'value'], at.param)
  const { key, value } = fields
  if (typeof key !== 'string' || key === '') {
    throw invalidValue(`${at.param}.key`, `'${at.param}.key' must be the name of an attribute.`)
  }
  return { type, key, value: at.read(value, `${at.param}.value`) }
}

function readScalar(value: unknown, param: string): AttributeValue {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw invalidValue(param, `'${param}' must be a text, a number or a boolean.`)
}

function readList(value: unknown, param: string): readonly (string | number)[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : []
  const values = list.filter(
    (item): item is string | number => typeof item === 'string' || Number.isFinite(item),
  )
  if (list.length > 0 && list.length <= MOST_VALUES && values.length === list.length) return values
  throw invalidValue(param, `'${param}' must be a list of up to ${MOST_VALUES} texts or numbers.`)
}

function refuseOthers(fields: Fields, known: readonly string[], param: string): void {
  const other = Object.keys(fields).find((name) => !known.includes(name))
  if (other === undefined) return
  const place = `${param}.${other}`
  throw new RequestError('unknown_parameter', `Unknown parameter: '${place}'.`, { param: place })
}
