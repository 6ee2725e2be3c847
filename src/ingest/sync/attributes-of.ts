import type { Attributes } from '../../core/filter.ts'

const MOST_ATTRIBUTES = 15
const LONGEST = 512

/** As many, and as long, as the interface takes; and where it came from. */
export function attributesOf(attributes: Attributes, sourceId: string): Attributes {
  const kept = Object.entries(attributes)
    .slice(0, MOST_ATTRIBUTES)
    .map(([name, value]) => [storable(name).slice(0, 64), storable(value)])
  return { ...(Object.fromEntries(kept) as Attributes), source_id: sourceId }
}

function storable<Value>(value: Value): Value | string {
  return typeof value === 'string'
    ? value.slice(0, LONGEST).toWellFormed().replaceAll('\0', '\uFFFD')
    : value
}
