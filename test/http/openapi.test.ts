import { expect, test } from 'vitest'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()

interface Operation {
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly requestBody?: { readonly content: object }
  readonly responses: Readonly<Record<string, Described>>
}
interface Described {
  readonly $ref?: string
  readonly content?: Readonly<Record<string, { readonly schema?: object }>>
}
interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>
    readonly responses: Readonly<Record<string, Described>>
  }
  readonly tags: readonly { readonly name: string }[]
}

const load = async () => (await world().app.inject('/openapi.json')).json<Document>()
const operationsOf = ({ paths }: Document) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method} ${path}`,
      operation,
    })),
  )

test('the document is OpenAPI 3.1', async () => {
  expect((await load()).openapi).toBe('3.1.0')
})

test('every operation is summarised, under a tag that is explained', async () => {
  const document = await load()
  const tags = document.tags.map(({ name }) => name)
  const bare = operationsOf(document).filter(
    ({ operation: { summary, tags: own = [] } }) =>
      summary === undefined || own.length !== 1 || !own.every((tag) => tags.includes(tag)),
  )

  expect(bare.map(({ name }) => name)).toEqual([])
})

test('every operation says what it answers, and every failure is the same envelope', async () => {
  const document = await load()
  const wrong = operationsOf(document).filter(({ name, operation }) =>
    Object.entries(operation.responses).some(([status, { $ref, content }]) => {
      if (Number(status) < 400) return Number(status) === 200 && content === undefined
      // OAuth has a form of its own.
      if (name === 'post /auth/token') return false
      return status !== '503' && $ref !== `#/components/responses/Failure${status}`
    }),
  )
  const envelopes = Object.values(document.components.responses).map(
    ({ content }) => content?.['application/json']?.schema,
  )

  expect(wrong.map(({ name }) => name)).toEqual([])
  expect(new Set(envelopes.map((schema) => JSON.stringify(schema)))).toEqual(
    new Set(['{"$ref":"#/components/schemas/Error"}']),
  )
})

test('every reference leads somewhere', async () => {
  const document = await load()
  const places = [...JSON.stringify(document).matchAll(/"#\/components\/(\w+)\/(\w+)"/g)]
  const lost = places.filter(
    ([, kind = '', name = '']) =>
      Reflect.get(Object(Reflect.get(document.components, kind)), name) === undefined,
  )

  expect(lost.map(([place]) => place)).toEqual([])
})

test('an operation that streams says so', async () => {
  const { paths } = await load()

  expect(Object.keys(paths['/v1/responses']?.['post']?.responses['200']?.content ?? {})).toEqual([
    'application/json',
    'text/event-stream',
  ])
})

test('an upload is described as the form that it is', async () => {
  const { paths } = await load()

  expect(Object.keys(paths['/v1/files']?.['post']?.requestBody?.content ?? {})).toEqual([
    'multipart/form-data',
  ])
})

test('every failure of the OAuth endpoint has the form that OAuth clients read', async () => {
  const { paths } = await load()
  const responses = Object.entries(paths['/auth/token']?.['post']?.responses ?? {})
  const failures = responses.filter(([status]) => Number(status) >= 400)

  expect(failures.map(([status]) => status)).toEqual(['400', '413', '415', '429', '500', '503'])
  for (const [, { content }] of failures) {
    expect(content?.['application/json']?.schema).toEqual({
      $ref: '#/components/schemas/TokenFailure',
    })
  }
})

test('whatever may carry a body may be refused for it', async () => {
  const silent = operationsOf(await load()).filter(
    ({ name, operation: { responses } }) =>
      !name.startsWith('get ') && !('413' in responses && '415' in responses),
  )

  expect(silent.map(({ name }) => name)).toEqual([])
})
