import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { IsArray, IsObject, type TObject } from 'typebox'
import {
  expectationOf,
  fits,
  fromVariable,
  fromYaml,
  nearest,
  propertiesOf,
  settingOf,
  snakeCase,
  variablesOf,
  type Setting,
} from './config-values.ts'

export type Env = Readonly<Record<string, string | undefined>>
export type Node = Readonly<Record<string, unknown>>

/** Collects problems as it goes, so that all can be named at once. */
export interface Reader {
  readonly env: Env
  readonly directory: string
  readonly fileDirectory: string
  readonly problems: string[]
}

interface Found {
  readonly value: unknown
  /** As a reader of the message would look for it. */
  readonly origin: string
  readonly directory: string
}

interface Place {
  readonly node: Node
  readonly path: readonly string[]
  /** Within a list, where variables do not reach. */
  readonly listed?: true
}

export function readSection(reader: Reader, schema: TObject, place: Place): Node {
  const known = new Set<string>()
  const entries = propertiesOf(schema).map(([key, setting]) => {
    known.add(snakeCase(key))
    if (setting.notes.secret !== undefined) known.add(`${snakeCase(key)}_file`)
    return [key, readSetting(reader, setting, { ...place, path: [...place.path, key] })] as const
  })
  for (const key of Object.keys(place.node).filter((name) => !known.has(name))) {
    const suggestion = nearest(key, known)
    const hint = suggestion === undefined ? '' : `; did you mean \`${suggestion}\`?`
    reader.problems.push(`${spell([...place.path, key])} is not a setting${hint}`)
  }
  return Object.fromEntries(entries)
}

function readSetting(reader: Reader, setting: Setting, place: Place): unknown {
  const { schema } = setting
  const value = place.node[snakeCase(place.path.at(-1) ?? '')]
  if (IsObject(schema)) {
    if (setting.nullable && (value ?? null) === null) return null
    const node = value ?? {}
    if (!isNode(node)) reject(reader, setting, { value, origin: spell(place.path), directory: '' })
    // What is not a section is read as an empty one, so that the rest can be looked at too.
    return readSection(reader, schema, { ...place, node: isNode(node) ? node : {} })
  }
  if (IsArray(schema) && IsObject(schema.items) && Array.isArray(value)) {
    return value.map((item: unknown, index) => {
      const path = [...place.path, String(index)]
      if (isNode(item)) {
        return readSection(reader, schema.items as TObject, { node: item, path, listed: true })
      }
      return reject(reader, settingOf(schema.items), {
        value: item,
        origin: spell(path),
        directory: '',
      })
    })
  }
  return readLeaf(reader, setting, place)
}

function readLeaf(reader: Reader, setting: Setting, place: Place): unknown {
  const found = (place.listed ? undefined : fromEnvironment(reader, setting, place)) ??
    fromFile(reader, setting, place) ?? {
      value: setting.fallback,
      origin: spell(place.path),
      directory: reader.directory,
    }
  if (found.value === undefined) {
    reader.problems.push(`${found.origin} is missing: it must be ${expectationOf(setting)}`)
    return undefined
  }
  if (!fits(setting, found.value)) return reject(reader, setting, found)
  return setting.notes.path && typeof found.value === 'string'
    ? resolve(found.directory, found.value)
    : found.value
}

function fromEnvironment(reader: Reader, setting: Setting, place: Place): Found | undefined {
  const { directory } = reader
  for (const name of variablesOf(setting, place.path)) {
    const text = readVariable(reader, name, setting.notes.secret !== undefined)
    if (text !== undefined) return { value: fromVariable(setting, text), origin: name, directory }
  }
  return undefined
}

/** A variable set to nothing counts as not set: that is how compose files spell it. */
export function readVariable(reader: Reader, name: string, secret: boolean): string | undefined {
  const text = nonEmpty(reader.env[name])
  const file = secret ? nonEmpty(reader.env[`${name}_FILE`]) : undefined
  if (text !== undefined && file !== undefined) {
    reader.problems.push(`${name} and ${name}_FILE are both set; keep one`)
  }
  if (text !== undefined || file === undefined) return text
  return readSecret(reader, resolve(reader.directory, file), `${name}_FILE`)
}

function fromFile(reader: Reader, setting: Setting, place: Place): Found | undefined {
  const origin = spell(place.path)
  const key = snakeCase(place.path.at(-1) ?? '')
  const value = place.node[key]
  const secretFile = setting.notes.secret === undefined ? undefined : place.node[`${key}_file`]
  const directory = reader.fileDirectory
  if (value !== undefined && secretFile !== undefined) {
    reader.problems.push(`${origin} and ${origin}_file are both set; keep one`)
  }
  // A bare `key:` is null in YAML: it takes the default, which is null where null is allowed.
  if ((value ?? null) !== null) return { value: fromYaml(setting, value), origin, directory }
  if (typeof secretFile !== 'string') return undefined
  const secret = readSecret(reader, resolve(directory, secretFile), `${origin}_file`)
  return secret === undefined ? undefined : { value: secret, origin, directory }
}

function readSecret(reader: Reader, path: string, origin: string): string | undefined {
  try {
    const secret = readFileSync(path, 'utf8').replace(/\r?\n$/, '')
    if (secret === '') reader.problems.push(`${origin}: the file ${path} is empty`)
    return secret === '' ? undefined : secret
  } catch (error) {
    reader.problems.push(`${origin}: the file ${path} cannot be read: ${reasonOf(error)}`)
    return undefined
  }
}

function reject(reader: Reader, setting: Setting, { value, origin }: Found): unknown {
  const shown = setting.notes.secret === undefined ? `, not ${JSON.stringify(value)}` : ''
  reader.problems.push(`${origin} must be ${expectationOf(setting)}${shown}`)
  return setting.fallback
}

/** `chat.models[0].base_url` */
function spell(path: readonly string[]): string {
  return path
    .map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${snakeCase(key)}`))
    .join('')
    .replace(/^\./, '')
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/** In words of one line, without a stack. */
export function reasonOf(error: unknown): string {
  if (isMissing(error)) return 'there is no such file'
  return error instanceof Error ? error.message : String(error)
}
