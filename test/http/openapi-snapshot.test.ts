import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { describeApi } from '../../scripts/describe-api.ts'

const run = promisify(execFile)

interface Media {
  readonly example?: unknown
}
interface Document {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly operationId: string
            readonly responses: Readonly<
              Record<string, { readonly content?: Readonly<Record<string, Media>> }>
            >
          }
        >
      >
    >
  >
  readonly components: {
    readonly responses: Readonly<
      Record<string, { readonly content: Readonly<Record<string, Media>> }>
    >
  }
}
const load = async () => (await describeApi()) as Document

test('docs/api/openapi.json is current: else run node scripts/write-openapi.ts', async () => {
  expect(JSON.parse(await readFile('docs/api/openapi.json', 'utf8'))).toEqual(await load())
})

test('the linter has nothing against it, examples included', async () => {
  const linter = new URL('../../node_modules/@redocly/cli/bin/cli.js', import.meta.url).pathname
  const config = ['--config', 'docs/api/redocly.yaml', '--format', 'summary']
  const { stderr } = await run(
    process.execPath,
    [linter, 'lint', 'docs/api/openapi.json', ...config],
    { env: { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' } },
  )

  expect(stderr).toContain('Your API description is valid')
})

const BINARY = ['application/gzip', 'application/octet-stream']

test('each operation shows a real answer', async () => {
  const bare = Object.entries((await load()).paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { responses }]) =>
      Object.entries(responses['200']?.content ?? {})
        .filter(([type, media]) => !BINARY.includes(type) && !('example' in media))
        .map(([type]) => `${method} ${path} ${type}`),
    ),
  )

  // That is the document itself.
  expect(bare).toEqual(['get /openapi.json application/json'])
})

test('each failure shows what is sent then', async () => {
  const { responses } = (await load()).components

  expect(
    Object.values(responses).filter(
      ({ content }) => content['application/json']?.example === undefined,
    ),
  ).toEqual([])
})

test('each operation has a name of its own', async () => {
  const names = Object.values((await load()).paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  )

  expect(new Set(names).size).toBe(names.length)
})
