import { readFile } from 'node:fs/promises'
import { CliError, EXIT } from './cli-error.ts'
import type { Client } from './client.ts'
import type { CliDeps } from './deps.ts'
import type { Schedule } from './show-sources.ts'

export interface SettingOptions {
  readonly set?: readonly string[]
  readonly credentials?: string
  readonly every?: string
  readonly cron?: string
  readonly timeZone?: string
  readonly askAbove?: number
}

/** `name=value` each; a value that is JSON is taken as such, a name that comes again makes a list. */
export function readSettings(given: readonly string[]): Readonly<Record<string, unknown>> {
  const settings: Record<string, unknown> = {}
  for (const each of given) {
    const [, name = '', text = ''] = /^([a-z_]+)=(.*)$/s.exec(each) ?? []
    if (name === '') throw wrong(`--set takes name=value, not ${each}.`)
    const value = valueOf(text)
    const before = settings[name]
    settings[name] = before === undefined ? value : [before, value].flat()
  }
  return settings
}

/** As the kind takes them: one value stands for a list of one. What is wrong with them the server says. */
export async function settingsOf(
  client: Client,
  kind: string,
  given: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  const settings = readSettings(given)
  const kinds = await client.send<{ readonly data: readonly Kind[] }>('GET', '/api/source_kinds')
  const known = kinds.data.find(({ id }) => id === kind)?.settings.properties ?? {}
  const isAlone = (name: string, value: unknown) =>
    known[name]?.type === 'array' && !Array.isArray(value)
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, isAlone(name, value) ? [value] : value]),
  )
}

interface Kind {
  readonly id: string
  readonly settings: { readonly properties?: Readonly<Record<string, { readonly type?: string }>> }
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** Undefined where none is named. */
export function readSchedule({
  every,
  cron,
  timeZone = 'UTC',
}: SettingOptions): Schedule | undefined {
  if (every !== undefined && cron !== undefined) throw wrong('Name --every or --cron, not both.')
  if (cron !== undefined) return { type: 'cron', cron, time_zone: timeZone }
  if (every === undefined) return undefined
  const [, number = '', unit = ''] = /^(\d+)([smhd])$/.exec(every) ?? []
  const seconds = Number(number) * (SECONDS[unit] ?? 0)
  if (seconds === 0) throw wrong(`--every takes a duration like 15m, 6h or 1d, not ${every}.`)
  return { type: 'interval', every_seconds: seconds }
}

/** From a file, so that they are in no list of processes and no history of a shell. */
export async function readCredentials(
  deps: Pick<CliDeps, 'readInput'>,
  { credentials }: SettingOptions,
): Promise<{ readonly credentials?: unknown }> {
  if (credentials === undefined) return {}
  const text = credentials === '-' ? await deps.readInput() : await readFile(credentials, 'utf8')
  try {
    return { credentials: JSON.parse(text) as unknown }
  } catch {
    throw wrong(`${credentials === '-' ? 'Standard input' : credentials} holds no JSON.`)
  }
}

const wrong = (sentence: string) => new CliError(sentence, EXIT.usage)
