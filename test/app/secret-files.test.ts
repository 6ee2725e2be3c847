import { execFile } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { IsArray, IsObject, type TObject } from 'typebox'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/app/config.ts'
import { maskConfig } from '../../src/app/config-mask.ts'
import { configSchema } from '../../src/app/config-schema.ts'
import {
  fits,
  propertiesOf,
  snakeCase,
  variablesOf,
  type Setting,
} from '../../src/app/config-values.ts'
import { useConfigScratch } from './config-scratch.ts'

// Over the schema of the configuration: a secret that is added is tested without a change here.

interface Secret {
  readonly name: string
  readonly setting: Setting
  readonly path: readonly string[]
  /** Of the list that it stands in, with what an item needs besides; null outside of lists. */
  readonly item: Readonly<Record<string, unknown>> | null
}

/** Of a look that no other text has; at least one fits any secret. */
const CANARY = 'Canary7tKQ2mXw9Vb4Rz8LpN6sYd3HfJ5gTc'
const CANDIDATES = [
  CANARY,
  `postgres://name:${CANARY}@db.example/ragstone?sslmode=require`,
  `rediss://name:${CANARY}@valkey.example:6379`,
  `https://name:${CANARY}@service.example/path`,
  `tcp://name:${CANARY}@service.example:514`,
  Buffer.from(CANARY.slice(0, 32)).toString('base64'),
  Buffer.from(CANARY.slice(0, 32)).toString('hex'),
]
/** What an item needs besides where it is not said by its schema alone. */
const ALSO_NEEDED: Readonly<Record<string, object>> = {
  'embedding.others': { base_url: 'https://service.example/v1', dimensions: 8 },
}
const PLAIN = ['name', 'https://service.example/v1', 1, '2026-11-01', 'EUR', 'read']

const secrets = secretsOf(configSchema, [], null)
const byVariable = secrets.filter(({ item }) => item === null)
const listed = secrets.filter(({ item }) => item !== null)

function secretsOf(schema: TObject, path: readonly string[], item: Secret['item']): Secret[] {
  return propertiesOf(schema).flatMap(([key, setting]) => {
    const at = [...path, key]
    if (IsObject(setting.schema)) return secretsOf(setting.schema, at, item)
    if (IsArray(setting.schema) && IsObject(setting.schema.items)) {
      const also = ALSO_NEEDED[at.map(snakeCase).join('.')]
      return secretsOf(setting.schema.items, at, { ...neededBy(setting.schema.items), ...also })
    }
    if (setting.notes.secret === undefined) return []
    const { [snakeCase(key)]: _itself, ...others } = item ?? {}
    const beside = item === null ? null : others
    return [{ name: at.map(snakeCase).join('.'), setting, path: at, item: beside }]
  })
}

function neededBy(schema: TObject): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    propertiesOf(schema)
      .filter(([, setting]) => setting.fallback === undefined && !setting.nullable)
      .map(([key, setting]) => [
        snakeCase(key),
        PLAIN.find((value) => fits(setting, value)) ?? PLAIN,
      ]),
  )
}

function secretFor(setting: Setting): string {
  const secret = CANDIDATES.find((value) => fits(setting, value))
  if (secret === undefined) throw new Error('None of the candidates is such a secret: add one.')
  return secret
}

/** Its neighbours, given plainly: some secrets are of no use alone, which is a problem of its own. */
function besideOf(path: readonly string[]): Readonly<Record<string, string>> {
  const section = path.slice(0, -1).join()
  const neighbours = byVariable.filter(
    (other) => other.path.slice(0, -1).join() === section && other.path.join() !== path.join(),
  )
  return Object.fromEntries(
    neighbours.map((other) => [
      variablesOf(other.setting, other.path)[0] ?? '',
      secretFor(other.setting),
    ]),
  )
}

const { folder, write, read, problemsOf } = useConfigScratch()
const valueAt = (config: object, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, key) => Reflect.get(Object(value), key), config)

test('there are secrets to be tested, in lists too', () => {
  expect(byVariable.map(({ name }) => name)).toContain('database.url')
  expect(listed.map(({ name }) => name)).toContain('chat.models.api_key')
})

describe.each(
  byVariable.flatMap(({ setting, path, ...secret }) =>
    variablesOf(setting, path).map((variable) => ({ ...secret, setting, path, variable })),
  ),
)('$variable', ({ setting, path, variable }) => {
  const secret = secretFor(setting)
  const fileVariable = `${variable}_FILE`
  const others = besideOf(path)

  test.each(['', '\n', '\r\n'])('is read from a file that ends with %j', (end) => {
    expect(valueAt(read({ ...others, [fileVariable]: write(`${secret}${end}`) }), path)).toBe(
      secret,
    )
  })

  test('loses no more than one line break', () => {
    const broken = `${secret}\n`
    const env = { ...others, [fileVariable]: write(`${broken}\n`) }
    const told = problemsOf(env)

    if (fits(setting, broken) && told.length === 0) {
      expect(valueAt(read(env), path)).toBe(broken)
    } else {
      expect(told).toHaveLength(1)
      expect(told.join()).not.toContain(secret)
    }
  })

  test('is a problem where there is no such file', () => {
    expect(problemsOf({ [fileVariable]: join(folder, 'nothing') })).toEqual([
      `${fileVariable}: the file ${join(folder, 'nothing')} cannot be read: there is no such file`,
    ])
  })

  test('is a problem where the file cannot be read', () => {
    const path = mkdtempSync(join(folder, 'folder-'))

    expect(problemsOf({ [fileVariable]: path })).toEqual([
      expect.stringContaining(`${fileVariable}: the file ${path} cannot be read: `),
    ])
  })

  test.each(['', '\n'])('is a problem where the file has nothing but %j', (content) => {
    const path = write(content)

    expect(problemsOf({ [fileVariable]: path })).toEqual([
      `${fileVariable}: the file ${path} is empty`,
    ])
  })

  test('contradicts itself where it is given both ways, even if both say the same', () => {
    expect(problemsOf({ [variable]: secret, [fileVariable]: write(secret) })).toEqual([
      `${variable} and ${fileVariable} are both set; keep one`,
    ])
  })

  test('counts as not set where the name of the file is empty', () => {
    expect(problemsOf({ [fileVariable]: '' })).toEqual([])
  })

  test('may be named as a file in the YAML, relative to it', () => {
    const yaml = nested(path, secret)

    expect(valueAt(read(others, yaml), path)).toBe(secret)
    expect(problemsOf({}, nested(path, secret, { both: true })).join()).toContain(
      'are both set; keep one',
    )
  })
})

describe.each(listed)('$name', ({ setting, path, item }) => {
  const secret = secretFor(setting)
  const key = snakeCase(path.at(-1) ?? '')
  const within = (more: object) => nestedValue(path.slice(0, -1), [{ ...item, ...more }])

  test('is read from a file', () => {
    const config = read({}, within({ [`${key}_file`]: write(`${secret}\n`) }))
    const [read0] = valueAt(config, path.slice(0, -1)) as readonly object[]

    expect(Reflect.get(read0 ?? {}, path.at(-1) ?? '')).toBe(secret)
  })

  test('is a problem where the file is missing or empty, or it is given twice', () => {
    const missing = problemsOf({}, within({ [`${key}_file`]: join(folder, 'nothing') }))
    const empty = problemsOf({}, within({ [`${key}_file`]: write('') }))
    const twice = problemsOf({}, within({ [key]: secret, [`${key}_file`]: write(secret) }))

    expect(missing.join()).toContain('there is no such file')
    expect(empty.join()).toContain('is empty')
    expect(twice.join()).toContain('are both set; keep one')
  })
})

function nested(path: readonly string[], secret: string, { both = false } = {}): object {
  const key = snakeCase(path.at(-1) ?? '')
  const file = write(`${secret}\n`).slice(folder.length + 1)
  return nestedValue(path.slice(0, -1), {
    [`${key}_file`]: file,
    ...(both ? { [key]: secret } : {}),
  })
}

function nestedValue(path: readonly string[], value: unknown): object {
  return path.reduceRight<unknown>((inner, key) => ({ [snakeCase(key)]: inner }), value) as object
}

/** What is printed of it: the masked configuration, or what is wrong with it where it needs other settings too. */
function shown(env: Readonly<Record<string, string>>, yaml: object = {}): string {
  try {
    return JSON.stringify(maskConfig(read(env, yaml)))
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
}

describe('what is printed of the configuration shows no secret', () => {
  test.each(byVariable)('$name', ({ setting, path }) => {
    const secret = secretFor(setting)
    for (const variable of variablesOf(setting, path)) {
      const both = { [variable]: secret, [`${variable}_FILE`]: write(secret) }
      const texts = [
        shown({ [variable]: secret }),
        shown({ [`${variable}_FILE`]: write(`${secret}\n`) }),
        shown(both),
        shown({}, nested(path, secret)),
      ]

      for (const text of texts) expect(text).not.toContain(CANARY)
      for (const text of texts) expect(text).not.toContain(secret)
    }
  })

  test.each(listed)('$name', ({ setting, path, item }) => {
    const secret = secretFor(setting)
    const key = snakeCase(path.at(-1) ?? '')
    const text = shown({}, nestedValue(path.slice(0, -1), [{ ...item, [key]: secret }]))

    expect(text).not.toContain(secret)
    expect(text).not.toContain(CANARY)
  })
})

describe('`ragstone config`', () => {
  const run = promisify(execFile)
  const main = new URL('../../src/app/main.ts', import.meta.url).pathname
  const show = async (env: Readonly<Record<string, string>>, ...argv: string[]) =>
    (
      await run(process.execPath, [main, 'config', ...argv], {
        cwd: folder,
        env: { PATH: process.env['PATH'] ?? '', ...env },
      })
    ).stdout

  test.each([[[]], [['--json']]])(
    '%j hides what came from variables and from files',
    async (argv) => {
      const printed = await show(
        {
          DATABASE_URL: `postgres://name:${CANARY}@db.example/ragstone`,
          RAGSTONE_AUDIT_TOKEN: CANARY,
          RAGSTONE_SERVER_METRICS_TOKEN_FILE: write(`${CANARY}\n`),
        },
        ...argv,
      )

      expect(printed).toContain('postgres://name:hidden@db.example/ragstone')
      expect(printed.match(/\(hidden\)/g)).toHaveLength(2)
      expect(printed).not.toContain(CANARY)
    },
  )

  test.each([
    ['a token before the @', `https://${CANARY}@collector.example/audit`],
    ['a password', `https://name:${CANARY}@collector.example/audit`],
    ['a token in the query', `https://collector.example/audit?access_token=${CANARY}`],
    ['a signature in the query', `https://collector.example/audit?sig=${CANARY}&x=1`],
  ])('%s of an address', async (_, address) => {
    const printed = await show({ RAGSTONE_AUDIT_URL: address }, '--json')

    expect(printed).toContain('collector.example')
    expect(printed).not.toContain(CANARY)
  })
})
