import { IsObject } from 'typebox'
import type { Env } from './config-reader.ts'
import { configSchema } from './config-schema.ts'
import { nearest, propertiesOf, variablesOf } from './config-values.ts'

const BESIDE_THE_SCHEMA = [
  'RAGSTONE_CONFIG',
  'RAGSTONE_CHAT_BASE_URL',
  'RAGSTONE_CHAT_MODEL',
  'RAGSTONE_CHAT_API_KEY',
  'RAGSTONE_CHAT_API_KEY_FILE',
]

/** Kubernetes puts variables of its own under a service's name, so only near misses and known sections count. */
export function unknownVariables(env: Env): readonly string[] {
  const known = new Set(knownVariables())
  const sections = Object.keys(configSchema.properties).map(
    (section) => `RAGSTONE_${section.toUpperCase()}_`,
  )
  return Object.keys(env)
    .filter((name) => name.startsWith('RAGSTONE_') && !known.has(name))
    .flatMap((name) => {
      const suggestion = nearest(name, known)
      if (suggestion !== undefined) return [`${name} sets nothing; did you mean ${suggestion}?`]
      return sections.some((prefix) => name.startsWith(prefix)) ? [`${name} sets nothing`] : []
    })
}

function knownVariables(): readonly string[] {
  const inSchema = propertiesOf(configSchema).flatMap(([section, { schema }]) =>
    (IsObject(schema) ? propertiesOf(schema) : []).flatMap(([key, setting]) => {
      const names = variablesOf(setting, [section, key])
      return setting.notes.secret === undefined
        ? names
        : names.flatMap((name) => [name, `${name}_FILE`])
    }),
  )
  return [...BESIDE_THE_SCHEMA, ...inSchema]
}
