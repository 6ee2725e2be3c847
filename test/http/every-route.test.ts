import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { describeApi } from '../../scripts/describe-api.ts'
import { createId } from '../../src/core/id.ts'
import { useHttpWorld } from './world.ts'

// Over the OpenAPI document: a route that is added is tested without a change here.

interface Schema {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: unknown
}
interface Described {
  readonly security: readonly object[]
  readonly parameters?: readonly { readonly name: string; readonly in: string; schema: Schema }[]
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema; example?: unknown }>>
  }
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >
}
interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

const api = (await describeApi()) as ApiDocument
const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path,
    operation,
    body: operation.requestBody?.content['application/json'],
  })),
)
type Operation = (typeof operations)[number]
const openai = operations.filter(({ path }) => path.startsWith('/v1/'))

const ajv = new Ajv2020({ strict: false, validateFormats: false })
ajv.addSchema({ $id: 'api', ...api })
const rooted = (schema: Schema): object =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"api#/components')) as object
const resolved = (schema: Schema): Schema =>
  schema.$ref === undefined
    ? schema
    : (api.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? schema)

const world = useHttpWorld()

interface Sent {
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly key?: string
  readonly url?: string
}
interface Failed {
  readonly status: number
  readonly error: { readonly code: unknown; readonly param: unknown; readonly message: string }
}

/** Ids that name nothing, but look right. */
const unknownIds = (path: string) => path.replaceAll(/\{\w+\}/g, createId('resp_'))

async function send(
  { method, path, body }: Pick<Operation, 'body' | 'method' | 'path'>,
  sent: Sent,
): Promise<Failed> {
  const payload = sent.body ?? body?.example
  const response = await world().app.inject({
    method: method as 'GET',
    url: sent.url ?? unknownIds(path),
    query: { ...sent.query },
    headers: {
      authorization: `Bearer ${sent.key ?? world().key}`,
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
  })
  expect(response.headers['x-request-id']).toMatch(/^req_/)
  const { error } = response.json<{ error: Failed['error'] }>()
  if (response.statusCode >= 400) {
    expect(error).toEqual({
      message: expect.any(String),
      type: expect.any(String),
      code: expect.any(String),
      param: error.param === null ? null : expect.any(String),
    })
  }
  return { status: response.statusCode, error }
}

describe('a wrong key is 401', () => {
  test.each(operations.filter(({ operation }) => operation.security.length > 0))(
    '$name',
    async (operation) => {
      expect(await send(operation, { key: 'rs_wrong' })).toMatchObject({
        status: 401,
        error: { code: 'invalid_api_key' },
      })
    },
  )
})

describe('what is not there is 404', () => {
  // The body names the store; an upload is a form.
  const named = openai.filter(({ path }) => path.includes('{'))

  test.each(named)('$name', async (operation) => {
    const { status, error } = await send(operation, {})

    expect({ status, code: error.code }).toEqual({
      status: 404,
      code: operation.path.startsWith('/v1/models') ? 'model_not_found' : 'not_found',
    })
  })
})

/** Of every kind; the first that a schema does not take is what is wrong for it. */
const WRONG = [42, true, 'wrong', { wrong: true }, ['wrong', { wrong: true }], -1.5]

function wrongFor(schema: Schema): unknown {
  const validate = ajv.compile(rooted(schema))
  return WRONG.find((value) => !validate(value))
}

const root = (param: unknown) => String(param).split(/[.[]/)[0]

describe('a member of a body that is wrong is 400, and named', () => {
  const members = openai.flatMap((operation) =>
    Object.entries(resolved(operation.body?.schema ?? {}).properties ?? {})
      .filter(([, schema]) => wrongFor(schema) !== undefined)
      .map(([member, schema]) => ({ ...operation, member, value: wrongFor(schema) })),
  )

  test.each(members)('$name: $member', async ({ member, value, ...operation }) => {
    const body = { ...Object(operation.body?.example), [member]: value }
    const { status, error } = await send(operation, { body })

    expect({ status, param: root(error.param) }).toEqual({ status: 400, param: member })
  })

  test.each(openai.filter(({ body }) => body !== undefined))(
    '$name: one that there is not',
    async (operation) => {
      const body = { ...Object(operation.body?.example), colour: 'red' }

      expect(await send(operation, { body })).toMatchObject({
        status: 400,
        error: { code: 'unknown_parameter', param: 'colour' },
      })
    },
  )
})

const inQuery = openai.flatMap((operation) =>
  (operation.operation.parameters ?? [])
    .filter((parameter) => parameter.in === 'query')
    .map(({ name: parameter, schema }) => ({ ...operation, parameter, schema })),
)

describe('a parameter of a query that is wrong is 400, and named', () => {
  const NOT_TEXT = ['wrong', '-1', '']
  const wrongText = (schema: Schema) => {
    const validate = ajv.compile(rooted(schema))
    return NOT_TEXT.find((value) => !validate(value) && !validate(Number(value)))
  }
  const wrong = inQuery
    .map((each) => ({ ...each, value: wrongText(each.schema) }))
    .filter(({ value }) => value !== undefined)

  test.each(wrong)('$name: $parameter', async ({ parameter, value, ...operation }) => {
    const { status, error } = await send(operation, { query: { [parameter]: value ?? '' } })

    expect({ status, param: error.param }).toEqual({ status: 400, param: parameter })
  })
})

describe('every list is read page by page', () => {
  const lists = openai.filter(({ operation }) => {
    const schema = operation.responses['200']?.content?.['application/json']?.schema ?? {}
    return operation.requestBody === undefined && 'first_id' in (resolved(schema).properties ?? {})
  })

  test('they are these', () => {
    expect(lists.map(({ name }) => name)).toEqual([
      'GET /v1/files',
      'GET /v1/vector_stores',
      'GET /v1/vector_stores/{vector_store_id}/files',
      'GET /v1/vector_stores/{vector_store_id}/file_batches/{batch_id}/files',
      'GET /v1/responses/{response_id}/input_items',
      'GET /v1/conversations/{conversation_id}/items',
    ])
  })

  test.each(lists)('$name', async (operation) => {
    const url = await filled(operation.path)
    const page = async (query: Readonly<Record<string, string>>) => {
      const response = await world().app.inject({
        url,
        query,
        headers: { authorization: `Bearer ${world().key}` },
      })
      expect(response.statusCode).toBe(200)
      const { data, ...rest } = response.json<Page>()
      return { ...rest, ids: data.map(({ id }) => id) }
    }
    const oldest = (await page({ order: 'asc' })).ids
    const [first = '', second = '', third = ''] = oldest

    expect(oldest).toHaveLength(3)
    expect((await page({})).ids).toEqual([third, second, first])
    expect(await page({ order: 'asc', limit: '2' })).toEqual({
      object: 'list',
      ids: [first, second],
      first_id: first,
      last_id: second,
      has_more: true,
    })
    expect(await page({ order: 'asc', limit: '2', after: second })).toMatchObject({
      ids: [third],
      has_more: false,
    })
    expect(await page({ limit: '1', before: first })).toMatchObject({
      ids: [second],
      has_more: true,
    })
    expect(await page({ limit: '5', before: first, after: third })).toMatchObject({
      ids: [second],
      has_more: false,
    })
    for (const param of ['after', 'before']) {
      const query = { [param]: createId('vs_') }
      expect(await send(operation, { url, query })).toMatchObject({ status: 400, error: { param } })
    }
  })
})

interface Page {
  readonly object: string
  readonly data: readonly { readonly id: string }[]
  readonly first_id: string
  readonly last_id: string
  readonly has_more: boolean
}

/** The path of a list with three things in it. */
async function filled(path: string): Promise<string> {
  // A tenant's own lists have nothing in them but these.
  const { client } = world()
  const said = ['1', '2', '3'].map((content) => ({ role: 'user' as const, content }))
  if (path.includes('input_items')) {
    const { id } = await client.responses.create({ input: said })
    return `/v1/responses/${id}/input_items`
  }
  if (path.includes('conversations')) {
    const { id } = await client.conversations.create({
      items: said.map((each) => ({ ...each, type: 'message' as const })),
    })
    return `/v1/conversations/${id}/items`
  }
  if (path === '/v1/vector_stores') {
    for await (const { id } of client.vectorStores.list()) await client.vectorStores.delete(id)
    for (const name of ['1', '2', '3']) await client.vectorStores.create({ name })
    return path
  }
  for await (const { id } of client.files.list()) await client.files.delete(id)
  const ids: string[] = []
  for (const name of ['1', '2', '3']) {
    const file = new File([name], `${name}.txt`)
    ids.push((await client.files.create({ file, purpose: 'assistants' })).id)
  }
  if (path === '/v1/files') return path
  const store = await client.vectorStores.create({})
  const batch = await client.vectorStores.fileBatches.create(store.id, { file_ids: ids })
  const batchPath = path.includes('file_batches') ? `/file_batches/${batch.id}` : ''
  return `/v1/vector_stores/${store.id}${batchPath}/files`
}
