import { beforeEach, expect, test } from 'vitest'
import { createId } from '../../src/core/id.ts'
import type { Scope } from '../../src/core/principal.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()
let all = ''

beforeEach(async () => {
  all = pathOf((await world().client.vectorStores.create({ name: 'papers' })).id)
})

const pathOf = (storeId: string) => `/api/vector_stores/${storeId}/golden_questions`

interface Golden {
  readonly id: string
  readonly question: string
  readonly expected: readonly { readonly file: string; readonly quote: string | null }[]
}
interface Answer {
  readonly status: number
  readonly body: { readonly data: readonly Golden[]; readonly error: { readonly param: string } }
}

async function call(
  route: string,
  { body, key = world().key }: { readonly body?: object; readonly key?: string } = {},
): Promise<Answer> {
  const [method = '', path = ''] = route.split(' ')
  const answer = await world().app.inject({
    method: method as 'GET',
    url: path,
    headers: { authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { payload: body }),
  })
  return { status: answer.statusCode, body: answer.json<Answer['body']>() }
}

const add = (questions: readonly object[], key = world().key) =>
  call(`POST ${all}`, { body: { questions }, key })
const expected = [{ file: 'handbook.md', quote: 'thirty days' }]
const LEAVE = { question: 'How many days of leave?', expected }

test('golden questions are added, and told in the order given', async () => {
  expect(await add([LEAVE, { question: 'Who pays?', expected: [{ file: 'a.md' }] }])).toEqual({
    status: 200,
    body: {
      object: 'list',
      added: 2,
      replaced: 0,
      data: [
        {
          id: expect.stringMatching(/^gq_/),
          object: 'vector_store.golden_question',
          vector_store_id: all.split('/')[3],
          ...LEAVE,
          created_at: expect.any(Number),
          updated_at: expect.any(Number),
        },
        expect.objectContaining({
          question: 'Who pays?',
          expected: [{ file: 'a.md', quote: null }],
        }),
      ],
    },
  })
})

test('the same question again replaces what is expected', async () => {
  const [before] = (await add([LEAVE])).body.data
  const again = { question: ` ${LEAVE.question}\r\n`, expected: [{ file: 'travel.md' }] }

  expect(await add([again])).toMatchObject({
    body: {
      added: 0,
      replaced: 1,
      data: [{ id: before?.id, expected: [{ file: 'travel.md', quote: null }] }],
    },
  })
  expect((await call(`GET ${all}`)).body.data).toHaveLength(1)
})

test('what is listed may be sent again as it is', async () => {
  await add([LEAVE, { question: 'Who pays?', expected: [{ file: 'a.md' }] }])
  const { data } = (await call(`GET ${all}?order=asc`)).body
  const { status, body } = await add(
    data.map(({ question, expected: of }) => ({ question, expected: of })),
  )

  expect(status).toBe(200)
  expect(body).toMatchObject({ added: 0, replaced: 2 })
  expect(body.data.map(({ id }) => id)).toEqual(data.map(({ id }) => id))
})

test('they are listed by cursor', async () => {
  const { data } = (await add(['1?', '2?', '3?'].map((question) => ({ question })))).body
  const [first, second, third] = data.map(({ id }) => id)
  const page = async (query: string) => {
    const { body } = await call(`GET ${all}?${query}`)
    return { ...body, data: body.data.map(({ id }) => id) }
  }

  expect(await page('limit=2')).toEqual({
    object: 'list',
    data: [third, second],
    first_id: third,
    last_id: second,
    has_more: true,
  })
  expect(await page(`limit=2&after=${second}`)).toMatchObject({ data: [first], has_more: false })
  expect(await page(`limit=2&order=asc&before=${third}`)).toMatchObject({ data: [first, second] })
  expect((await call(`GET ${all}?after=${createId('gq_')}`)).status).toBe(400)
})

test('one is deleted, once', async () => {
  const { data } = (await add([LEAVE, { question: 'Who pays?' }])).body
  const one = `${all}/${data[0]?.id}`

  expect(await call(`DELETE ${one}`)).toEqual({
    status: 200,
    body: { id: data[0]?.id, object: 'vector_store.golden_question.deleted', deleted: true },
  })
  expect((await call(`DELETE ${one}`)).status).toBe(404)
  expect((await call(`GET ${all}`)).body.data.map(({ id }) => id)).toEqual([data[1]?.id])
})

test('a store keeps at most a thousand', async () => {
  const questions = Array.from({ length: 1_000 }, (_, place) => ({ question: `${place}?` }))
  expect((await add(questions)).status).toBe(200)

  expect(await add([{ question: 'One more?' }])).toMatchObject({
    status: 403,
    body: {
      error: {
        code: 'limit_reached',
        param: 'questions',
        message: expect.stringContaining('Delete some of them first'),
      },
    },
  })
  expect((await add([{ question: '7?', expected }])).status).toBe(200)
})

test.each([
  [[], 'questions'],
  [[{ question: '' }], 'questions[0].question'],
  [[LEAVE, { question: ' \n ' }], 'questions[1].question'],
  [[{ question: 'x'.repeat(8_001) }], 'questions[0].question'],
  [[{ question: 'x', expected: [{ quote: 'x' }] }], 'questions[0].expected[0].file'],
  [[{ question: 'x', expected: [{ file: '' }] }], 'questions[0].expected[0].file'],
  [[{ question: 'x', file: 'a.md' }], 'questions[0].file'],
  [Array.from({ length: 1_001 }, (_, place) => ({ question: `${place}` })), 'questions'],
])(
  'what cannot be kept is refused by name, and nothing of it is kept (%#)',
  async (...[questions, param]) => {
    expect(await add(questions)).toMatchObject({ status: 400, body: { error: { param } } })
    expect((await call(`GET ${all}`)).body.data).toEqual([])
  },
)

test.each([
  ['GET', ['read'], 200],
  ['GET', ['ask'], 403],
  ['POST', ['read'], 403],
  ['POST', ['ingest'], 200],
  ['DELETE', ['read'], 403],
  ['DELETE', ['ingest'], 404],
])('%s with %j is answered %i', async (...[method, scopes, status]) => {
  const key = await world().newKey(scopes as Scope[])
  const route = method === 'DELETE' ? `${method} ${all}/${createId('gq_')}` : `${method} ${all}`
  const body = { questions: [LEAVE] }
  const answer = await call(route, method === 'POST' ? { key, body } : { key })

  expect(answer.status).toBe(status)
})

test('another tenant finds neither the store nor its golden questions', async () => {
  const [kept] = (await add([LEAVE])).body.data
  const key = await world().newTenantKey()
  const own = pathOf((await world().clientFor(key).vectorStores.create({ name: 'own' })).id)
  const answers = [
    await call(`GET ${all}`, { key }),
    await add([LEAVE], key),
    await call(`DELETE ${all}/${kept?.id}`, { key }),
    await call(`DELETE ${own}/${kept?.id}`, { key }),
  ]

  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404])
  expect((await call(`GET ${all}`)).body.data).toHaveLength(1)
})

test('a key for another store finds neither, and has those of its own', async () => {
  const [kept] = (await add([LEAVE])).body.data
  const { id } = await world().client.vectorStores.create({ name: 'own' })
  const key = await world().newKey(['ingest', 'read'], { vectorStoreIds: [id] })
  const answers = [
    await call(`GET ${all}`, { key }),
    await add([LEAVE], key),
    await call(`DELETE ${all}/${kept?.id}`, { key }),
    await call(`DELETE ${pathOf(id)}/${kept?.id}`, { key }),
    await call(`POST ${pathOf(id)}`, { key, body: { questions: [LEAVE] } }),
  ]

  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 200])
})

test('adding and deleting are in the audit log, without the words', async () => {
  const [kept] = (await add([LEAVE])).body.data
  await call(`DELETE ${all}/${kept?.id}`)
  await world().deps.audit.notes.flush()
  const { body } = await call('GET /api/audit?action=vector_store.golden_question.*&limit=100')
  const entries = body.data as unknown as { action: string; target: string; detail: object }[]

  expect(entries).toContainEqual(
    expect.objectContaining({
      action: 'vector_store.golden_question.create',
      target: all.split('/')[3],
      detail: expect.objectContaining({ added: 1, replaced: 0 }),
    }),
  )
  expect(entries).toContainEqual(
    expect.objectContaining({ action: 'vector_store.golden_question.delete', target: kept?.id }),
  )
  expect(JSON.stringify(entries)).not.toContain('leave')
})
