import { IsArray, IsBoolean, IsEnum, IsInteger, IsNumber, IsObject, IsUnion } from 'typebox'
import type { TObject, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import type { SettingNotes } from './setting-kinds.ts'

/** One value of the schema, seen without its `| null`. */
export interface Setting {
  readonly schema: TSchema
  readonly notes: SettingNotes
  readonly nullable: boolean
  readonly fallback: unknown
}

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
}
const SPOKEN_BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'yes', 'on', '1'].map((word) => [word, true] as const),
  ...['false', 'no', 'off', '0'].map((word) => [word, false] as const),
])
const PATTERNS: Readonly<Record<string, string>> = {
  '^https?://': 'an address that begins with http:// or https://',
  '^(https?|tcp|udp)://': 'an address that begins with http://, https://, tcp:// or udp://',
  '^postgres(ql)?://': 'an address that begins with postgres:// or postgresql://',
  '^(redis|valkey)s?://': 'an address that begins with redis:// or rediss://',
  '^(/|[A-Za-z]:[\\\\/])': 'an absolute path',
  '^[A-Z]{3}$': 'three capital letters',
  '^\\d{4}-\\d{2}-\\d{2}$': 'a day like 2026-11-21',
}

export function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

export function settingOf(schema: TSchema): Setting {
  const inner = IsUnion(schema) ? (schema.anyOf[0] ?? schema) : schema
  return {
    schema: inner,
    notes: inner as unknown as SettingNotes,
    nullable: inner !== schema,
    fallback: (schema as { default?: unknown }).default,
  }
}

export function propertiesOf(schema: TObject): readonly (readonly [string, Setting])[] {
  return Object.entries(schema.properties).map(([key, property]) => [key, settingOf(property)])
}

/** Variables that set it, first found wins. */
export function variablesOf(setting: Setting, path: readonly string[]): readonly string[] {
  if (IsObject(setting.schema) || (IsArray(setting.schema) && IsObject(setting.schema.items))) {
    return []
  }
  return setting.notes.environment ?? [`RAGSTONE_${path.map(snakeCase).join('_').toUpperCase()}`]
}

/** What a value must be, to follow “must be”. */
export function expectationOf({ schema, notes, nullable }: Setting): string {
  return nullable ? `${expectation(schema, notes)}, or null` : expectation(schema, notes)
}

function expectation(schema: TSchema, notes: SettingNotes): string {
  if (notes.unit === 'bytes') return `a size like 1MB${range(schema)}`
  if (IsInteger(schema)) return `a whole number${range(schema)}`
  if (IsNumber(schema)) return `a number${range(schema)}`
  if (IsBoolean(schema)) return 'true or false'
  if (IsEnum(schema)) return `one of ${schema.enum.join(', ')}`
  if (IsArray(schema)) return IsObject(schema.items) ? 'a list' : 'a list of names'
  if (IsObject(schema)) return 'a group of settings'
  const { pattern } = schema as { pattern?: string }
  return pattern === undefined ? 'text' : (PATTERNS[pattern] ?? `text matching ${pattern}`)
}

function range(schema: TSchema): string {
  const { minimum, maximum } = schema as { minimum?: number; maximum?: number }
  if (maximum !== undefined) return ` between ${minimum ?? 0} and ${maximum}`
  return minimum === undefined ? '' : `, at least ${minimum}`
}

/** A variable's text as the type that the setting has; unchanged where it does not fit. */
export function fromVariable({ schema, notes }: Setting, text: string): unknown {
  if (notes.unit === 'bytes') return parseSize(text)
  if (IsInteger(schema) || IsNumber(schema)) return fromNumber(text)
  if (IsBoolean(schema)) return SPOKEN_BOOLEANS.get(text.trim().toLowerCase()) ?? text
  if (IsArray(schema)) {
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map((part) => (IsInteger(schema.items) ? fromNumber(part) : part))
  }
  return text
}

const fromNumber = (text: string): number | string =>
  /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : text

export function fromYaml({ notes }: Setting, value: unknown): unknown {
  return notes.unit === 'bytes' && typeof value === 'string' ? parseSize(value) : value
}

/** `1MB` is 1,000,000 bytes, `1MiB` 1,048,576; anything else is given back as it came. */
function parseSize(text: string): number | string {
  const [, digits, unit = 'b'] = /^(\d+(?:\.\d+)?)\s*([kmg]?i?b)?$/i.exec(text.trim()) ?? []
  const factor = UNITS[unit.toLowerCase()]
  return digits === undefined || factor === undefined ? text : Math.round(Number(digits) * factor)
}

export function fits(setting: Setting, value: unknown): boolean {
  return (setting.nullable && value === null) || Value.Check(setting.schema, value)
}

/** The candidate that a slip of the keyboard away is `name`; undefined when none is near. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const limit = name.length < 4 ? 1 : 2
  let best: string | undefined
  let least = limit + 1
  for (const candidate of candidates) {
    const distance = editDistance(name, candidate)
    if (distance < least) [best, least] = [candidate, distance]
  }
  return best
}

function editDistance(left: string, right: string): number {
  let above = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 0; row < left.length; row++) {
    const current = [row + 1]
    for (let column = 0; column < right.length; column++) {
      const swapped = (above[column] ?? 0) + (left[row] === right[column] ? 0 : 1)
      current.push(Math.min(swapped, (above[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1))
    }
    above = current
  }
  return above[right.length] ?? 0
}
