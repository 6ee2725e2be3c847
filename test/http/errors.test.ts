import { once } from 'node:events'
import { connect } from 'node:net'
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { AppError } from '../../src/core/errors.ts'
import { BODY_LIMIT } from './create-deps.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()

interface Sent {
  readonly call: string
  readonly body?: string | undefined
  readonly type?: string
}

const send = async ({ call, body, type = 'application/json' }: Sent) => {
  const [method = '', path = ''] = call.split(' ')
  const response = await fetch(`${world().url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${world().key}`,
      ...(body === undefined ? {} : { 'content-type': type }),
    },
    body: body ?? null,
  })
  const { error } = (await response.json()) as {
    error: { code: string | null; param: string | null; message: string }
  }
  return {
    status: response.status,
    code: error.code,
    param: error.param,
    headers: response.headers,
    message: error.message,
  }
}

test.each([
  ['POST /v1/responses', '{', { status: 400, code: 'invalid_json' }],
  ['POST /v1/responses', '', { status: 400, code: 'invalid_json' }],
  ['POST /v1/responses', '[]', { status: 400, code: 'invalid_type' }],
  ['POST /v1/responses', '{"__proto__":1,"input":"x"}', { status: 400, code: 'invalid_json' }],
  ['POST /v1/responses', '{"input":"a\\u0000"}', { status: 400, code: 'invalid_value' }],
  ['POST /v1/responses', '{"input":"a\\ud800"}', { status: 400, code: 'invalid_value' }],
  [
    'POST /v1/responses',
    `{"input":"${'x'.repeat(BODY_LIMIT)}"}`,
    { status: 413, code: 'request_too_large' },
  ],
  ['POST /v1/embeddings', '{"input":1e999,"model":"x"}', { status: 400, code: 'invalid_type' }],
  ['GET /v1/vector_stores?limit=0', undefined, { status: 400, code: 'invalid_value' }],
  ['GET /v1/vector_stores?limit=ten', undefined, { status: 400, code: 'invalid_type' }],
  ['GET /v1/vector_stores?after=vs_none', undefined, { status: 400, code: 'invalid_value' }],
  ['GET /v1/vector_stores?colour=red', undefined, { status: 400, code: 'unknown_parameter' }],
  ['GET /v1/files/%00', undefined, { status: 400, code: 'invalid_value' }],
  ['GET /v1/files/%E0%A4%A', undefined, { status: 400, code: 'unknown_url' }],
  ['GET /v1/assistants', undefined, { status: 404, code: 'unknown_url' }],
  ['GET /', undefined, { status: 404, code: 'unknown_url' }],
  [`GET /v1/files/${'x'.repeat(300)}`, undefined, { status: 404, code: 'not_found' }],
  ['GET /api/users?colour=red', undefined, { status: 400, code: 'unknown_parameter' }],
  ['PUT /v1/responses', undefined, { status: 405, code: 'method_not_allowed' }],
  ['GET /api/answers/resp_0/trace', undefined, { status: 404, code: 'not_found' }],
])('%s %s', async (call, body, wire) => {
  expect(await send({ call, body })).toMatchObject(wire)
})

test('a body of another type is refused', async () => {
  expect(
    await send({
      call: 'POST /v1/responses',
      body: 'a=b',
      type: 'application/x-www-form-urlencoded',
    }),
  ).toMatchObject({
    status: 415,
    code: 'unsupported_media_type',
  })
})

test('text that is not JSON is refused', async () => {
  expect(
    await send({ call: 'POST /v1/responses', body: 'Which?', type: 'text/plain' }),
  ).toMatchObject({ status: 415, code: 'unsupported_media_type' })
})

test.each([
  ['a byte alone', [0x80]],
  ['half of a letter', [0xe2, 0x82]],
  ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
])('%s that is no UTF-8 is refused, not replaced', async (_name, bytes) => {
  const body = Buffer.concat([Buffer.from('{"name":"'), Buffer.from(bytes), Buffer.from('"}')])
  const { statusCode, json } = await world().app.inject({
    method: 'POST',
    url: '/v1/vector_stores',
    headers: { authorization: `Bearer ${world().key}`, 'content-type': 'application/json' },
    payload: body,
  })

  expect([statusCode, json()]).toMatchObject([400, { error: { code: 'invalid_json' } }])
})

test('of a member that comes twice the last one counts', async () => {
  const { json } = await world().app.inject({
    method: 'POST',
    url: '/v1/vector_stores',
    headers: { authorization: `Bearer ${world().key}`, 'content-type': 'application/json' },
    payload: '{"name":"first","name":"second"}',
  })

  expect(json()).toMatchObject({ name: 'second' })
})

test('a wrong method is told the right ones', async () => {
  expect((await send({ call: 'PUT /v1/vector_stores' })).headers.get('allow')).toBe(
    'POST, GET, HEAD',
  )
})

test.each(['/v1/models', '/v1/nothing', '/livez', '/v1/files/%E0%A4%A'])(
  '%s has a request id of its own',
  async (path) => {
    const ids = await Promise.all(
      [1, 2].map(async () => (await fetch(`${world().url}${path}`)).headers.get('x-request-id')),
    )

    expect(ids[0]).toMatch(/^req_[0-9a-f]{32}$/)
    expect(ids[0]).not.toBe(ids[1])
  },
)

test('a broken database is an outage that says when to come back', async () => {
  const { url } = await world().listen({
    database: {
      limit: (_reach, work) => work(),
      transact: async () => {
        throw new AppError('database_unavailable', 'The database is away.', { retryAfterMs: 3_200 })
      },
    },
  })
  const response = await fetch(`${url}/v1/files`, {
    headers: { authorization: `Bearer ${world().key}` },
  })

  expect([
    response.status,
    response.headers.get('retry-after'),
    response.headers.get('retry-after-ms'),
  ]).toEqual([503, '4', '3200'])
})

test('what nobody foresaw is logged with its request id, and not told', async () => {
  const logged: string[] = []
  const { pino } = await import('pino')
  const { url } = await world().listen({
    logger: pino({ level: 'error' }, { write: (line: string) => logged.push(line) }),
    database: {
      limit: (_reach, work) => work(),
      transact: async () => {
        throw new Error('password=hunter2')
      },
    },
  })
  const response = await fetch(`${url}/v1/files`, {
    headers: { authorization: `Bearer ${world().key}` },
  })
  const text = await response.text()

  expect([response.status, text]).toEqual([
    500,
    '{"error":{"message":"Something broke on our side.","type":"server_error","code":"internal_error","param":null}}',
  ])
  expect(logged.join('')).toContain('hunter2')
  expect(logged.join('')).toContain(response.headers.get('x-request-id'))
})

test('what is not HTTP gets an envelope too', async () => {
  const socket = connect(Number(new URL(world().url).port), '127.0.0.1')
  socket.write('NONSENSE\r\n\r\n')
  const [answer] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()

  expect(answer.toString()).toMatch(
    /^HTTP\/1\.1 400 [\s\S]*x-request-id: req_[\s\S]*"error":\{"message"/,
  )
})

test('the client tries again after an outage, as long as it was told to wait', async () => {
  let calls = 0
  const { url } = await world().listen({
    search: async () => {
      calls += 1
      if (calls === 1) throw new AppError('overloaded', 'Too much at once.', { retryAfterMs: 20 })
      return []
    },
  })
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: world().key, maxRetries: 1 })
  const { id } = await client.vectorStores.create({})

  expect((await client.vectorStores.search(id, { query: 'x' })).data).toEqual([])
})
