import { IsObject, type TObject } from 'typebox'
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

/** What Kubernetes says of a service beside the server: one named ragstone-valkey, say. */
const OF_A_SERVICE = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)$/

/** Kubernetes puts variables of its own under a service's name, so only near misses and known sections count. */
export function unknownVariables(env: Env): readonly string[] {
  const known = new Set(knownVariables())
  const sections = Object.keys(configSchema.properties).map(
    (section) => `RAGSTONE_${section.toUpperCase()}_`,
  )
  return Object.keys(env)
    .filter((name) => name.startsWith('RAGSTONE_') && !known.has(name) && !OF_A_SERVICE.test(name))
    .flatMap((name) => {
      const suggestion = nearest(name, known)
      if (suggestion !== undefined) return [`${name} sets nothing; did you mean ${suggestion}?`]
      return sections.some((prefix) => name.startsWith(prefix)) ? [`${name} sets nothing`] : []
    })
}

function knownVariables(): readonly string[] {
  return [...BESIDE_THE_SCHEMA, ...variablesIn(configSchema, [])]
}

function variablesIn(section: TObject, path: readonly string[]): readonly string[] {
  return propertiesOf(section).flatMap(([key, setting]) => {
    const place = [...path, key]
    if (IsObject(setting.schema)) return variablesIn(setting.schema, place)
    const names = variablesOf(setting, place)
    return setting.notes.secret === undefined
      ? names
      : names.flatMap((name) => [name, `${name}_FILE`])
  })
}
