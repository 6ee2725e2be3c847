import { IsArray, IsObject, type TObject } from 'typebox'
import { configSchema, type Config } from './config-schema.ts'
import { propertiesOf, snakeCase, type Setting } from './config-values.ts'

const HIDDEN = '(hidden)'

/** The configuration as its YAML file would say it, with every secret hidden: fit to be printed. */
export function maskConfig(config: Config): Readonly<Record<string, unknown>> {
  return maskSection(configSchema, config)
}

function maskSection(schema: TObject, values: object): Readonly<Record<string, unknown>> {
  const read: Readonly<Record<string, unknown>> = { ...values }
  return Object.fromEntries(
    propertiesOf(schema).map(([key, setting]) => [snakeCase(key), maskValue(setting, read[key])]),
  )
}

function maskValue({ schema, notes }: Setting, value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (IsObject(schema)) return maskSection(schema, value)
  if (IsArray(schema) && IsObject(schema.items) && Array.isArray(value)) {
    const { items } = schema
    return value.map((item: object) => maskSection(items as TObject, item))
  }
  if (notes.secret === true) return HIDDEN
  return notes.secret === 'url' && typeof value === 'string' ? maskUrl(value) : value
}

/** Names of parameters that carry what nobody else may have. */
const SECRET_PARAMETER = /pass|key|token|secret|sig|auth|cred/i

function maskUrl(address: string): string {
  if (!URL.canParse(address)) return HIDDEN
  const url = new URL(address)
  const secrets = [...url.searchParams.keys()].filter((name) => SECRET_PARAMETER.test(name))
  // A token for a web service often stands alone before the @, where a database has the name of a user.
  const isToken = url.password === '' && url.username !== '' && /^https?:$/.test(url.protocol)
  if (url.password === '' && !isToken && secrets.length === 0) return address
  if (url.password !== '') url.password = 'hidden'
  if (isToken) url.username = 'hidden'
  for (const name of secrets) url.searchParams.set(name, 'hidden')
  return url.href
}
