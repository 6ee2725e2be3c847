import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../../src/app/config.ts'
import { configurationDocs } from '../../src/app/config-docs.ts'
import { maskConfig } from '../../src/app/config-mask.ts'
import { configSchema } from '../../src/app/config-schema.ts'
import { propertiesOf, settingOf, variablesOf } from '../../src/app/config-values.ts'
import { IsObject } from 'typebox'
import { useConfigScratch } from './config-scratch.ts'

const { folder, write, read, problemsOf } = useConfigScratch()

describe('values', () => {
  test('nothing set gives the defaults', () => {
    const config = readConfig({ env: {}, directory: folder })

    expect(config.server).toEqual({
      host: '127.0.0.1',
      port: 8080,
      bodyLimit: 1_000_000,
      allowedOrigins: [],
      backgroundResponses: 32,
      workers: null,
      requestTimeoutSeconds: 300,
      headersTimeoutSeconds: 15,
      maxConnections: 10_000,
      shutdownGraceSeconds: 10,
      metricsToken: null,
      trustedProxies: [],
      logLevel: null,
    })
    expect(config.data.directory).toBe(join(folder, 'data'))
    expect(config.database.url).toBeNull()
    expect(config.chat.defaultModel).toBe('extractive')
  })

  test('the file is written in snake_case', () => {
    expect(read({}, 'ingest:\n  reader_threads: 3').ingest.readerThreads).toBe(3)
  })

  test('the environment overrides the file', () => {
    const config = read({ RAGSTONE_SERVER_PORT: '81' }, 'server: { port: 80, host: 0.0.0.0 }')

    expect(config.server).toMatchObject({ port: 81, host: '0.0.0.0' })
  })

  test('a variable set to nothing counts as not set', () => {
    expect(read({ RAGSTONE_SERVER_PORT: '' }).server.port).toBe(8080)
  })

  test.each([
    ['1MB', 1_000_000],
    ['2 MiB', 2_097_152],
    ['1.5kb', 1500],
    ['4096', 4096],
  ])('a size may be said as %s', (text, bytes) => {
    expect(read({ RAGSTONE_SERVER_BODY_LIMIT: text }).server.bodyLimit).toBe(bytes)
    expect(read({}, `server: { body_limit: ${text} }`).server.bodyLimit).toBe(bytes)
  })

  test.each([
    ['true', true],
    ['off', false],
    ['0', false],
  ])('a switch may be set with %s', (text, samples) => {
    expect(read({ RAGSTONE_DATA_SAMPLES: text }).data.samples).toBe(samples)
  })

  test('a path in a variable starts from where the command was run', () => {
    expect(read({ RAGSTONE_DATA_DIRECTORY: 'x' }).data.directory).toBe(join(folder, 'x'))
  })

  test('a path in the file starts from the folder of the file', () => {
    const file = write('data: { directory: x }')

    expect(readConfig({ env: {}, file, directory: '/' }).data.directory).toBe(join(folder, 'x'))
  })

  test('ragstone.yaml is read where the command was run', () => {
    writeFileSync(join(folder, 'ragstone.yaml'), 'server: { port: 1234 }')

    expect(readConfig({ env: {}, directory: folder }).server.port).toBe(1234)
    rmSync(join(folder, 'ragstone.yaml'))
  })

  test('RAGSTONE_CONFIG names another file', () => {
    const env = { RAGSTONE_CONFIG: write('server: { port: 4321 }') }

    expect(readConfig({ env, directory: folder }).server.port).toBe(4321)
  })

  test('any valid port comes back as it was set', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 65_535 }), (port) => {
        expect(readConfig({ env: { RAGSTONE_SERVER_PORT: String(port) } }).server.port).toBe(port)
      }),
    )
  })
})

describe('secrets', () => {
  test('come from a file, without its last newline', () => {
    const env = { RAGSTONE_EMBEDDING_API_KEY_FILE: write('s3cret\n') }

    expect(read(env).embedding.apiKey).toBe('s3cret')
  })

  test('may be named as files in the file too', () => {
    const yaml = `embedding: { api_key_file: ${write('s3cret')} }`

    expect(read({}, yaml).embedding.apiKey).toBe('s3cret')
  })

  test('the database has the name that hosts use', () => {
    const url = 'postgres://user:pass@db/ragstone'

    expect(read({ DATABASE_URL: url }).database.url).toBe(url)
    expect(read({ DATABASE_URL_FILE: write(url) }).database.url).toBe(url)
  })

  test('our own name for the database goes before it', () => {
    const env = { DATABASE_URL: 'postgres://a/a', RAGSTONE_DATABASE_URL: 'postgres://b/b' }

    expect(read(env).database.url).toBe('postgres://b/b')
  })

  test('a secret and its file together are a problem', () => {
    const env = { DATABASE_URL: 'postgres://a/a', DATABASE_URL_FILE: write('postgres://b/b') }

    expect(problemsOf(env)).toEqual(['DATABASE_URL and DATABASE_URL_FILE are both set; keep one'])
  })

  test('an unreadable file is named', () => {
    expect(problemsOf({ DATABASE_URL_FILE: '/nowhere/secret' })).toEqual([
      'DATABASE_URL_FILE: the file /nowhere/secret cannot be read: there is no such file',
    ])
  })

  test('no message shows one', () => {
    expect(problemsOf({ DATABASE_URL: 'mysql://root:hunter2@db' }).join()).not.toContain('hunter2')
  })

  test('no printed configuration shows one', () => {
    const config = read(
      {
        DATABASE_URL: 'postgres://user:hunter2@db/x?sslpassword=hunter2',
        RAGSTONE_CHAT_BASE_URL: 'https://a:hunter2@b/v1',
        RAGSTONE_CHAT_MODEL: 'm',
        RAGSTONE_CHAT_API_KEY: 'hunter2',
        RAGSTONE_API_KEY: 'hunter2',
      },
      'embedding: { api_key: hunter2 }',
    )

    expect(JSON.stringify(maskConfig(config))).not.toContain('hunter2')
  })

  test('a printed configuration reads back as itself where there are none', () => {
    const config = readConfig({ env: {}, directory: folder })
    const again = read({}, JSON.stringify(maskConfig(config)))

    expect(again).toEqual(config)
  })
})

describe('chat models', () => {
  const yaml = `
tenancy: { currency: EUR }
chat:
  models:
    - name: quick
      base_url: http://localhost:11434/v1
      model: qwen3
      price: { input_per_million: 1, output_per_million: 2, currency: EUR, as_of: 2026-11-01 }
`

  test('have their defaults filled in', () => {
    expect(read({}, yaml).chat.models).toEqual([
      {
        name: 'quick',
        provider: 'openai-compatible',
        baseUrl: 'http://localhost:11434/v1',
        apiKey: null,
        model: 'qwen3',
        contextTokens: 32_768,
        timeoutSeconds: 60,
        price: {
          inputPerMillion: 1,
          outputPerMillion: 2,
          cachedInputPerMillion: null,
          currency: 'EUR',
          asOf: '2026-11-01',
        },
        limits: null,
      },
    ])
  })

  test('the first is the default', () => {
    expect(read({}, yaml).chat.defaultModel).toBe('quick')
  })

  test('one may be set up by variables alone', () => {
    const config = read(
      {
        RAGSTONE_CHAT_BASE_URL: 'https://api.example.com/v1',
        RAGSTONE_CHAT_MODEL: 'large',
        RAGSTONE_CHAT_API_KEY_FILE: write('key\n'),
      },
      yaml,
    )

    expect(config.chat.models.map(({ name, apiKey }) => [name, apiKey])).toEqual([
      ['large', 'key'],
      ['quick', null],
    ])
    expect(config.chat.defaultModel).toBe('large')
  })

  test('half a model in variables is a problem', () => {
    expect(problemsOf({ RAGSTONE_CHAT_MODEL: 'large' })).toEqual([
      'RAGSTONE_CHAT_BASE_URL is missing: a chat model needs its address and its name',
    ])
  })

  test('a fallback that is not there is a problem', () => {
    expect(problemsOf({ RAGSTONE_CHAT_FALLBACKS: 'quick, slow' }, yaml)).toEqual([
      'chat.fallbacks names no model: slow; known are quick, extractive',
    ])
  })

  test('a price in another currency than the budgets is a problem', () => {
    expect(problemsOf({ RAGSTONE_TENANCY_CURRENCY: 'USD' }, yaml)).toEqual([
      'the price of the chat model quick is in EUR, but tenancy.currency is USD: state both in one',
    ])
  })

  test('a cheaper model that is not there is a problem, and so is a warning that comes too late', () => {
    const env = { RAGSTONE_BUDGETS_CHEAPER_MODEL: 'tiny', RAGSTONE_BUDGETS_WARN_AT: '0.95' }

    expect(problemsOf(env, yaml)).toEqual([
      'budgets.cheaper_model names no model: tiny; known are quick, extractive',
      'budgets.warn_at must be at most budgets.cheaper_at',
    ])
  })

  test('what a model lacks is named by its place', () => {
    expect(problemsOf({}, 'chat: { models: [{ name: a, model: b }] }')).toEqual([
      'chat.models[0].base_url is missing: it must be an address that begins with http:// or https://',
    ])
  })
})

describe('problems', () => {
  test('all are named at once', () => {
    const env = { RAGSTONE_SERVER_PORT: 'eighty', DATABASE_URL: 'db', RAGSTONE_SERVER_PRT: '1' }

    expect(
      problemsOf(env, 'chunkin: {}\nretrieval: { mmr_lambda: 2 }\nserver: { hots: x }'),
    ).toEqual([
      'RAGSTONE_SERVER_PORT must be a whole number between 0 and 65535, not "eighty"',
      'server.hots is not a setting; did you mean `host`?',
      'DATABASE_URL must be an address that begins with postgres:// or postgresql://, or null',
      'retrieval.mmr_lambda must be a number between 0 and 1, not 2',
      'chunkin is not a setting; did you mean `chunking`?',
      'RAGSTONE_SERVER_PRT sets nothing; did you mean RAGSTONE_SERVER_PORT?',
    ])
  })

  test("variables that Kubernetes sets for a service of our name are nobody's problem", () => {
    const env = { RAGSTONE_SERVICE_HOST: '10.0.0.1', RAGSTONE_PORT: 'tcp://10.0.0.1:8080' }

    expect(problemsOf(env)).toEqual([])
  })

  test.each([
    ['a list', '- 1', 'must hold sections like `server:`'],
    ['a sentence', 'hello', 'must hold sections like `server:`'],
    ['broken YAML', 'server: {', 'is not YAML: line'],
    ['a section that is none', 'server: 5', 'server must be a group of settings, not 5'],
    ['models that are no list', 'chat: { models: 5 }', 'chat.models must be a list, not 5'],
    ['a model that is none', 'chat: { models: [5] }', 'chat.models[0] must be a group of settings'],
  ])('a file with %s is explained', (_, yaml, message) => {
    expect(problemsOf({}, yaml).join()).toContain(message)
  })

  test('a file that was named must be there', () => {
    expect(() => readConfig({ env: {}, file: '/nowhere/ragstone.yaml' })).toThrow(
      '/nowhere/ragstone.yaml cannot be read: there is no such file',
    )
  })

  test.each([
    ['chunking: { max_tokens: 50, overlap_tokens: 30 }', 'chunking.overlap_tokens'],
    ['retrieval: { dense_weight: 0, lexical_weight: 0 }', 'must not both be 0'],
    ['embedding: { provider: openai-compatible }', 'embedding.base_url is missing'],
    ['ingest: { max_expanded_bytes: 1MB }', 'ingest.max_expanded_bytes must be at least'],
  ])('settings that contradict each other are named: %s', (yaml, message) => {
    expect(problemsOf({}, yaml).join()).toContain(message)
  })
})

test('every setting has a variable of its own and a description', () => {
  const settings = propertiesOf(configSchema).flatMap(([section, { schema }]) =>
    (IsObject(schema) ? propertiesOf(schema) : []).map(([key, setting]) => ({
      at: `${section}.${key}`,
      variables: variablesOf(setting, [section, key]),
      described: setting.notes.description.length > 0,
    })),
  )
  const variables = settings.flatMap((setting) => setting.variables)

  expect(settings.filter((setting) => !setting.described)).toEqual([])
  expect(new Set(variables).size).toBe(variables.length)
  expect(settingOf(configSchema.properties.database.properties.url).nullable).toBe(true)
})

describe('the written reference', () => {
  test('is current', () => {
    expect(readFileSync('docs/configuration.md', 'utf8')).toBe(configurationDocs())
  })

  test('its example is a valid configuration', () => {
    const [, example] = /```yaml\n([^]*?)```/.exec(configurationDocs()) ?? []
    const secrets = (example ?? '').replace(/(url|api_key)_file: .*/g, (_, key: string) =>
      key === 'url' ? 'url: postgres://a/b' : 'api_key: x',
    )

    expect(problemsOf({}, secrets)).toEqual([])
    expect(read({}, secrets).chat.fallbacks).toEqual(['quick'])
  })
})

describe('limits', () => {
  test('a variable reaches a setting within a section of a section', () => {
    const { limits } = read({ RAGSTONE_LIMITS_KEY_REQUESTS_PER_MINUTE: '60' })

    expect(limits.key.requestsPerMinute).toBe(60)
  })

  test('a password of Valkey may come from a file, and is not shown', () => {
    const path = join(folder, 'valkey-url')
    writeFileSync(path, 'rediss://ragstone:hunter2@valkey.example:6379')
    const config = read({ RAGSTONE_VALKEY_URL_FILE: path })

    expect(config.valkey.url).toContain('hunter2')
    expect(JSON.stringify(maskConfig(config))).not.toContain('hunter2')
  })

  test.each(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', 'loopback'])(
    '%s may be trusted',
    (proxy) => {
      expect(read({ RAGSTONE_SERVER_TRUSTED_PROXIES: proxy }).server.trustedProxies).toEqual([
        proxy,
      ])
    },
  )

  test.each(['10.0.0.0/33', 'proxy.example', '10.0.0.0/8/8', ''])('%j may not', (proxy) => {
    expect(() => read({ RAGSTONE_SERVER_TRUSTED_PROXIES: `x${proxy}` })).toThrow(
      'is neither an address nor a network',
    )
  })

  test('ports that sources may call are numbers in a variable, too', () => {
    const { sources } = read({ RAGSTONE_SOURCES_ALLOWED_PORTS: '80, 8443' })

    expect(sources.allowedPorts).toEqual([80, 8443])
    expect(() => read({ RAGSTONE_SOURCES_ALLOWED_PORTS: '80,web' })).toThrow(/allowed_ports/i)
  })

  test.each([
    { RAGSTONE_SOURCES_ALLOWED_HOSTS: 'http://wiki.example' },
    { RAGSTONE_SOURCES_ALLOWED_NETWORKS: '10.0.0.0' },
  ])('what may be reached of %j cannot be read', (environment) => {
    expect(() => read(environment)).toThrow('sources.allowed_')
  })

  test('what Kubernetes says of a service beside it is no mistake', () => {
    const config = read({
      RAGSTONE_VALKEY_SERVICE_HOST: '10.0.0.1',
      RAGSTONE_VALKEY_PORT_6379_TCP_ADDR: '10.0.0.1',
    })

    expect(config.valkey.url).toBeNull()
  })
})
