import type { Api, Schema } from './api-document.ts'
import type { Draw } from './draw.ts'

export interface Writing {
  readonly api: Api
  readonly draw: Draw
  /** An id of what is there, for a member of this name; null where it names nothing of the kind. */
  readonly idFor: (name: string) => string | null
}

/** Where a value stands. */
interface Place {
  readonly name: string
  readonly depth: number
}

const WORDS = ['leave', 'How many days of leave are there?', 'rules', '2026-11-21', 'created_at']
const DEEPEST = 6

/** Something that the schema takes, or nearly. */
export function valueOf(
  writing: Writing,
  schema: Schema,
  place: Place = { name: '', depth: 0 },
): unknown {
  const { api, draw } = writing
  const own = api.resolve(schema)
  if (own.const !== undefined) return own.const
  if (own.enum !== undefined) return draw.pick(own.enum)
  if (own.anyOf === undefined) return ofType(writing, own, place)
  const branches = place.depth > DEEPEST ? own.anyOf.slice(0, 1) : own.anyOf
  return valueOf(writing, draw.pick(branches), { ...place, depth: place.depth + 1 })
}

function ofType(writing: Writing, schema: Schema, place: Place): unknown {
  const { draw, idFor } = writing
  const type = draw.pick([schema.type ?? 'string'].flat())
  if (type === 'object') return objectOf(writing, schema, place)
  if (type === 'array') {
    const count = Math.max(schema.minItems ?? 0, draw.int(3))
    const item = { ...place, depth: place.depth + 1 }
    return Array.from({ length: count }, () => valueOf(writing, schema.items ?? {}, item))
  }
  if (type === 'integer' || type === 'number') return numberOf(schema, draw)
  if (type === 'boolean') return draw.chance(0.5)
  if (type === 'null') return null
  return idFor(place.name) ?? draw.pick(WORDS).padEnd(schema.minLength ?? 0, 'x')
}

function objectOf(
  writing: Writing,
  { properties = {}, required = [] }: Schema,
  { depth }: Place,
): object {
  const wanted = (name: string) =>
    required.includes(name) || (depth <= DEEPEST && writing.draw.chance(0.4))
  const kept = Object.entries(properties).filter(([name]) => wanted(name))
  return Object.fromEntries(
    kept.map(([name, member]) => [name, valueOf(writing, member, { name, depth: depth + 1 })]),
  )
}

/** The ends of the range, and what is just beyond them. */
function numberOf({ minimum = 0, maximum = 100 }: Schema, draw: Draw): number {
  return draw.pick([minimum, minimum, maximum, maximum, 1, 7, minimum - 1, maximum + 1])
}
