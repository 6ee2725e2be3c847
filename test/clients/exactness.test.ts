import { readFile } from 'node:fs/promises'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { coveragePage, type ApiDescription } from '../../scripts/openai-coverage.ts'
import { readOpenAi, type DeclaredOperation } from '../../scripts/openai-declarations.ts'
import { describeApi } from '../../scripts/describe-api.ts'
import { recordExercise } from './record-exercise.ts'
import { eventsOf, templateOf, type Exchange } from './recorder.ts'

const declared = readOpenAi()
const ajv = new Ajv2020({ strict: false, validateFormats: false })
ajv.addSchema({ $id: 'openai', $defs: declared.$defs })

let exchanges: readonly Exchange[] = []
beforeAll(async () => {
  exchanges = await recordExercise()
}, 120_000)

const OPERATIONS = declared.operations.filter(({ reply }) => reply !== null)

/** Declared as absent while a response is under way; we say null. docs/api/openai.md says so. */
const withoutNullUsage = (key: string, value: unknown): unknown =>
  key === 'usage' && value === null ? undefined : value

const validators = new Map<object, ValidateFunction>()

/** Once a schema: that of an event takes a second. */
function compiled(schema: object): ValidateFunction {
  const text = JSON.stringify(schema).replaceAll('"#/$defs/', '"openai#/$defs/')
  const validate = validators.get(schema) ?? ajv.compile(JSON.parse(text) as object)
  validators.set(schema, validate)
  return validate
}

/** What a schema of the package has against a value. */
function problemsOf(schema: object, received: unknown): string | null {
  const value: unknown = JSON.parse(JSON.stringify(received, withoutNullUsage))
  const validate = compiled(schema)
  if (validate(value)) return null
  const [deepest] = (validate.errors ?? []).toSorted(
    (a, b) => b.instancePath.split('/').length - a.instancePath.split('/').length,
  )
  return `${deepest?.instancePath} ${deepest?.message} in ${JSON.stringify(value).slice(0, 2000)}`
}

function repliesTo(operation: DeclaredOperation): readonly Exchange[] {
  const paths = declared.operations.map(({ path }) => path.replaceAll('{}', '{x}'))
  return exchanges.filter(
    ({ method, path, status }) =>
      method === operation.method &&
      status < 300 &&
      templateOf(paths, path) === operation.path.replaceAll('{}', '{x}'),
  )
}

describe('what comes back is what the openai package declares', () => {
  test.each(OPERATIONS)('$name', ({ reply, ...operation }) => {
    const replies = repliesTo({ reply, ...operation })
      .filter(({ type }) => type === 'application/json')
      .map(({ received }) => problemsOf(reply ?? {}, received))

    expect(replies.filter((problem) => problem !== null)).toEqual([])
  })

  test.each(OPERATIONS.filter(({ event }) => event !== null))(
    '$name, each event of its stream',
    ({ event, ...operation }) => {
      const events = repliesTo({ event, ...operation })
        .filter(({ type }) => type === 'text/event-stream')
        .flatMap(({ received }) => eventsOf(String(received)))
        .map((each) => problemsOf(event ?? {}, each))

      expect(events.filter((problem) => problem !== null)).toEqual([])
    },
  )
})

test('a reply that lacks a member, or has it of another kind, would be found', () => {
  const model = OPERATIONS.find(({ name }) => name === 'models.retrieve')?.reply ?? {}
  const good = { id: 'a', object: 'model', created: 0, owned_by: 'us' }

  expect(problemsOf(model, good)).toBeNull()
  expect(problemsOf(model, { ...good, created: '0' })).toContain('/created must be number')
  expect(problemsOf(model, { ...good, owned_by: undefined })).toContain("'owned_by'")
})

test('every operation that we describe under /v1 was answered at least once', async () => {
  const { paths } = (await describeApi()) as ApiDescription
  const answered = exchanges
    .filter(({ status }) => status < 300)
    .map(({ method, path }) => `${method} ${templateOf(Object.keys(paths), path)}`)
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  )
  // Needs a response that is still at work.

  expect(described.filter((name) => name.includes('/v1/') && !answered.includes(name))).toEqual([])
})

test('docs/api/openai.md is current: else run node scripts/write-openai-coverage.ts', async () => {
  const described = (await describeApi()) as ApiDescription

  expect(await readFile('docs/api/openai.md', 'utf8')).toBe(
    coveragePage({ declared, described, exchanges }),
  )
})
