import type { Draw } from './draw.ts'
import { oddText, oddValue } from './odd-values.ts'

type Way = readonly (string | number)[]

/** The value with something odd in one place. */
export function mutated(draw: Draw, value: unknown, idOfAnyKind: () => string): unknown {
  const way = draw.pick(waysInto(value))
  const kind = draw.int(100)
  if (kind < 50) return changed(value, way, () => oddValue(draw))
  if (kind < 60) return changed(value, way, () => null)
  if (kind < 70) return changed(value, way, idOfAnyKind)
  if (kind < 78) return changed(value, way, () => undefined)
  if (kind < 86) return changed(value, way, (there) => wrapped(draw, there))
  if (kind < 93) return changed(value, way, (there) => withUnknown(draw, there))
  return changed(value, way, (there) =>
    Array.from({ length: draw.pick([2, 21, 600]) }, () => there),
  )
}

function waysInto(value: unknown, way: Way = []): readonly Way[] {
  if (typeof value !== 'object' || value === null) return [way]
  const inside = Array.isArray(value)
    ? value.map((item: unknown, at) => waysInto(item, [...way, at]))
    : Object.entries(value).map(([key, member]) => waysInto(member, [...way, key]))
  return [way, ...inside.flat()]
}

/** What becomes `undefined` is taken out. */
function changed(value: unknown, way: Way, change: (there: unknown) => unknown): unknown {
  const [step, ...rest] = way
  if (step === undefined) return change(value)
  if (Array.isArray(value)) {
    return value
      .map((item: unknown, at) => (at === step ? changed(item, rest, change) : item))
      .filter((item) => item !== undefined)
  }
  const members = Object.entries(Object(value) as Record<string, unknown>)
    .map(([key, member]) => [key, key === step ? changed(member, rest, change) : member] as const)
    .filter(([, member]) => member !== undefined)
  return Object.fromEntries(members)
}

function wrapped(draw: Draw, there: unknown): unknown {
  if (typeof there === 'number') return draw.pick([String(there), -there, there + 0.5, there * 1e9])
  if (typeof there === 'string')
    return draw.pick<unknown>([
      there.toUpperCase(),
      [there],
      { value: there },
      `${there}${oddText(draw)}`,
    ])
  return draw.pick<unknown>([[there], { value: there }, JSON.stringify(there)])
}

function withUnknown(draw: Draw, there: unknown): unknown {
  const name = draw.chance(0.5)
    ? draw.pick(['colour', 'tenant_id', 'id', 'object', 'scopes', 'model'])
    : oddText(draw)
  return typeof there === 'object' && there !== null && !Array.isArray(there)
    ? { ...there, [name]: oddValue(draw) }
    : [there, oddValue(draw)]
}
