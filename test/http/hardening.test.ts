import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()

test.each(['/livez', '/v1/models', '/v1/nothing', '/v1/files/%E0%A4%A', '/openapi.json'])(
  '%s is answered with the headers that keep a browser safe',
  async (path) => {
    const { headers } = await fetch(`${world().url}${path}`)

    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('x-powered-by')).toBeNull()
    expect(headers.get('server')).toBeNull()
    expect(headers.get('strict-transport-security')).toBeNull()
    expect(headers.get('x-request-id')).toMatch(/^req_/)
  },
)

test("an answer of one caller's is kept by nobody", async () => {
  const { headers } = await world().app.inject({
    url: '/v1/files',
    headers: { authorization: `Bearer ${world().key}` },
  })

  expect(headers['cache-control']).toBe('no-store')
})

test('the method is the one that was sent, whatever a header says', async () => {
  const store = await world().client.vectorStores.create({})
  const response = await fetch(`${world().url}/v1/vector_stores/${store.id}`, {
    headers: { authorization: `Bearer ${world().key}`, 'x-http-method-override': 'DELETE' },
  })

  expect(await response.json()).toMatchObject({ id: store.id, object: 'vector_store' })
})

test.each([
  ['https://app.example.com', 'https://app.example.com'],
  ['https://one.pages.example', 'https://one.pages.example'],
  ['https://pages.example', null],
  ['https://app.example.com.evil.example', null],
  ['http://app.example.com', null],
  ['null', null],
])('a page of %s is told %s', async (origin, allowed) => {
  const { url } = await world().listen({
    settings: {
      ...world().deps.settings,
      allowedOrigins: ['https://app.example.com', 'https://*.pages.example'],
    },
  })
  const answers = await Promise.all([
    fetch(`${url}/v1/models`, { headers: { origin } }),
    fetch(`${url}/v1/models`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET' },
    }),
  ])

  expect(answers.map(({ headers }) => headers.get('access-control-allow-origin'))).toEqual([
    allowed,
    allowed,
  ])
  expect(answers.map(({ headers }) => headers.get('access-control-allow-credentials'))).toEqual([
    null,
    null,
  ])
})

const speak = async (url: string, text: string, more: string[] = []): Promise<string> => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', () => undefined)
  socket.write(text)
  for (const part of more) socket.write(part)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}

test('headers that come too slowly are not waited for', async () => {
  const settings = { ...world().deps.settings, headersTimeoutMs: 200, connectionsCheckMs: 50 }
  const { url } = await world().listen({ settings })
  const answer = await speak(url, 'GET /livez HTTP/1.1\r\nhost: x\r\n')

  expect(answer).toMatch(/^HTTP\/1\.1 408 [\s\S]*x-request-id: req_[\s\S]*"error":\{/)
})

test('a body that comes too slowly is not waited for', async () => {
  const settings = {
    ...world().deps.settings,
    headersTimeoutMs: 100,
    requestTimeoutMs: 200,
    connectionsCheckMs: 50,
  }
  const { url } = await world().listen({ settings })
  const head = `POST /v1/vector_stores HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${world().key}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n`

  expect(await speak(url, head, ['{"na'])).toMatch(/^HTTP\/1\.1 408 /)
})

test('headers that are too large are refused', async () => {
  const answer = await speak(
    world().url,
    `GET /livez HTTP/1.1\r\nhost: x\r\nx-large: ${'a'.repeat(20_000)}\r\n\r\n`,
  )

  expect(answer).toMatch(/^HTTP\/1\.1 431 [\s\S]*"error":\{/)
})

/** What the parser of HTTP refuses before there is a request. */
const UNREADABLE: readonly (readonly [string, number, string])[] = [
  ['no HTTP', 400, 'NONSENSE\r\n\r\n'],
  ['a header without a colon', 400, 'GET /livez HTTP/1.1\r\nhost: x\r\nno colon\r\n\r\n'],
  [
    'two lengths',
    400,
    'GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
  ],
  ['too large a header', 431, `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`],
  [
    'an expectation',
    417,
    'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nexpect: the-moon\r\n\r\n',
  ],
]

test.each(UNREADABLE)(
  '%s is refused with an envelope, a request id and the headers that keep a browser safe',
  async (_name, status, text) => {
    const answer = await speak(world().url, text)
    const [head = '', body = ''] = answer.split('\r\n\r\n')

    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    for (const line of [
      /x-request-id: req_[0-9a-f]{32}/,
      /content-security-policy: default-src 'none'/,
      /x-content-type-options: nosniff/,
      /x-frame-options: DENY/,
      /referrer-policy: no-referrer/,
      /cache-control: no-store/,
    ]) {
      expect(head).toMatch(line)
    }
    expect(head).not.toMatch(/^(server|x-powered-by):/im)
    expect(JSON.parse(body)).toMatchObject({ error: { code: 'invalid_request' } })
  },
)

test('connections beyond the most are closed', async () => {
  const { url } = await world().listen({
    settings: { ...world().deps.settings, maxConnections: 1 },
  })
  const first = connect(Number(new URL(url).port), '127.0.0.1')
  await once(first, 'connect')
  const second = await speak(url, 'GET /livez HTTP/1.1\r\nhost: x\r\n\r\n')
  first.destroy()

  expect(second).toBe('')
})
