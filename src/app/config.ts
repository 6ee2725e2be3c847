import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { IsArray, IsObject } from 'typebox'
import { parseDocument } from 'yaml'
import { configContradictions } from './config-contradictions.ts'
import { unknownVariables } from './config-unknown.ts'
import {
  isMissing,
  isNode,
  nonEmpty,
  readSection,
  readVariable,
  reasonOf,
  type Env,
  type Node,
  type Reader,
} from './config-reader.ts'
import { configSchema, type ChatModelConfig, type Config, type Settings } from './config-schema.ts'
import { settingOf } from './config-values.ts'

export type { Config } from './config-schema.ts'

/** Every problem at once, each a sentence that says what to change. Never contains a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`The configuration is wrong:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

export interface ConfigSource {
  readonly env?: Env
  /** YAML; must exist when named here or by RAGSTONE_CONFIG. Otherwise `ragstone.yaml` is read if it is there. */
  readonly file?: string
  /** Relative paths in variables are resolved against it; those in the file against the file's folder. */
  readonly directory?: string
}

/** The only reader of the environment. Throws ConfigError. */
export function readConfig({
  env = process.env,
  file,
  directory = process.cwd(),
}: ConfigSource = {}): Config {
  const problems: string[] = []
  const named = file ?? nonEmpty(env['RAGSTONE_CONFIG'])
  const path = resolve(directory, named ?? 'ragstone.yaml')
  const reader = { env, directory, fileDirectory: dirname(path), problems }
  const yaml = readYaml(path, named !== undefined, problems)
  const settings = readSection(reader, configSchema, {
    node: yaml,
    path: [],
  }) as unknown as Settings
  problems.push(...unknownVariables(env))
  const models = [...modelFromVariables(reader), ...settings.chat.models]
  const defaultModel = settings.chat.defaultModel ?? models[0]?.name ?? 'extractive'
  const config: Config = { ...settings, chat: { ...settings.chat, models, defaultModel } }
  // Rules between settings are worth checking only where each setting is right by itself.
  if (problems.length === 0) problems.push(...configContradictions(config))
  if (problems.length > 0) throw new ConfigError(problems)
  return config
}

function readYaml(path: string, required: boolean, problems: string[]): Node {
  let content: string
  try {
    content = readFileSync(path, 'utf8')
  } catch (error) {
    if (required || !isMissing(error)) problems.push(`${path} cannot be read: ${reasonOf(error)}`)
    return {}
  }
  const value = parseYaml(content)
  if (isNode(value)) return value
  problems.push(
    typeof value === 'string'
      ? `${path} is not YAML: ${value}`
      : `${path} must hold sections like \`server:\`, each with its settings below it`,
  )
  return {}
}

/** The parsed value, or a sentence on what is wrong. A file with nothing in it has no settings. */
function parseYaml(content: string): unknown {
  const document = parseDocument(content, { prettyErrors: true })
  const [error] = document.errors
  if (error !== undefined) {
    return `line ${error.linePos?.[0].line ?? 1}: ${error.message.split('\n')[0] ?? ''}`
  }
  try {
    const value: unknown = document.toJS() ?? {}
    return typeof value === 'string' ? null : value
  } catch (failure) {
    return reasonOf(failure)
  }
}

/** The one model of a machine that is set up by variables alone. */
function modelFromVariables(reader: Reader): readonly ChatModelConfig[] {
  const baseUrl = nonEmpty(reader.env['RAGSTONE_CHAT_BASE_URL'])
  const model = nonEmpty(reader.env['RAGSTONE_CHAT_MODEL'])
  const apiKey = readVariable(reader, 'RAGSTONE_CHAT_API_KEY', true)
  if (baseUrl === undefined && model === undefined && apiKey === undefined) return []
  if (baseUrl === undefined || model === undefined) {
    const missing = baseUrl === undefined ? 'RAGSTONE_CHAT_BASE_URL' : 'RAGSTONE_CHAT_MODEL'
    reader.problems.push(`${missing} is missing: a chat model needs its address and its name`)
    return []
  }
  const { schema } = settingOf(configSchema.properties.chat.properties.models)
  if (!IsArray(schema) || !IsObject(schema.items)) return []
  const node = { name: model, base_url: baseUrl, model, api_key: apiKey }
  const place = { node, path: ['RAGSTONE_CHAT'], listed: true } as const
  return [readSection(reader, schema.items, place) as unknown as ChatModelConfig]
}
