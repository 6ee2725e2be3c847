import { gzipSync, brotliCompressSync, deflateSync } from 'node:zlib'
import type { RequestListener } from 'node:http'
import { expect, test } from 'vitest'
import { createFakeResolver } from '../../test/outside/fake-resolver.ts'
import { startLoopbackServer } from '../../test/outside/loopback-server.ts'
import { startRawServer } from '../../test/outside/raw-server.ts'
import { openFetch } from '../../test/outside/open-fetch.ts'
import { openReach } from '../../test/outside/open-reach.ts'
import type { FetchOutside, OutsideRequest } from './fetch-outside.ts'

async function fetched(
  fetch: FetchOutside,
  address: string,
  options: Partial<OutsideRequest> = {},
): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch({ url: new URL(address), maxBytes: 100_000, ...options })
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body) chunks.push(chunk)
  return { status: response.status, text: Buffer.concat(chunks).toString() }
}

/** A server that is allowed, and a fetch that reaches it and nothing else. */
async function allowed(answer: RequestListener) {
  const server = await startLoopbackServer(answer)
  const fetch = openFetch(openReach({ hosts: [`127.0.0.1:${server.port}`] }))
  return {
    ...server,
    fetch: (path = '/', options = {}) => fetched(fetch, server.origin + path, options),
  }
}

test('says who asks, and gives what is answered', async () => {
  const { fetch, requests } = await allowed((_, response) => response.end('Hello'))

  expect(await fetch()).toEqual({ status: 200, text: 'Hello' })
  expect(requests[0]?.headers['user-agent']).toBe('Ragstone/1.0')
})

test.each([
  ['gzip', gzipSync('Hello')],
  ['deflate', deflateSync('Hello')],
  ['br', brotliCompressSync('Hello')],
])('unpacks %s', async (encoding, packed) => {
  const { fetch } = await allowed((_, response) => {
    response.setHeader('content-encoding', encoding)
    response.end(packed)
  })

  expect((await fetch()).text).toBe('Hello')
})

test.each([
  ['gzip', gzipSync(Buffer.alloc(50_000_000))],
  ['br', brotliCompressSync(Buffer.alloc(50_000_000))],
])('%s that unpacks to more than the limit is stopped there', async (encoding, bomb) => {
  const { fetch } = await allowed((_, response) => {
    response.setHeader('content-encoding', encoding)
    response.end(bomb)
  })

  await expect(fetch()).rejects.toMatchObject({ code: 'file_too_large' })
})

test('bombs in bombs are not opened', async () => {
  const { fetch } = await allowed((_, response) => {
    response.setHeader('content-encoding', 'gzip, gzip')
    response.end(gzipSync(gzipSync(Buffer.alloc(1_000))))
  })

  await expect(fetch()).rejects.toThrow(/not understood/)
})

test('a body that does not end is stopped at the limit', async () => {
  const { fetch } = await allowed((_, response) => {
    const more = (): unknown => !response.destroyed && response.write('x'.repeat(65_536), more)
    more()
  })

  await expect(fetch()).rejects.toMatchObject({ code: 'file_too_large' })
})

test('a body that falls silent is given up', async () => {
  const { fetch } = await allowed((_, response) => void response.write('first'))

  await expect(fetch()).rejects.toThrow(/did not answer in time/)
})

test('a body that comes byte by byte is given up after the time for all of it', async () => {
  const { fetch } = await allowed((_, response) => {
    const drip = setInterval(() => response.write('x'), 100)
    response.on('close', () => clearInterval(drip))
  })

  await expect(fetch()).rejects.toThrow(/did not answer in time/)
})

test('who does not answer at all is given up', async () => {
  const port = await startRawServer(() => undefined)
  const fetch = openFetch(openReach({ hosts: [`127.0.0.1:${port}`] }))

  await expect(fetched(fetch, `http://127.0.0.1:${port}`)).rejects.toMatchObject({
    code: 'provider_unavailable',
  })
})

test.each([
  ['headers without end', `HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(200_000)}\r\n\r\n`],
  ['a body that is shorter than was said', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort'],
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 9\r\n\r\nshort'],
  ['a negative length', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nshort'],
  ['a chunk that breaks off', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nsho'],
  ['what is no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n'],
  [
    'gzip that is none',
    'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nHello',
  ],
])('%s is an error with a sentence', async (_, answer) => {
  const port = await startRawServer((socket) => {
    socket.once('data', () => socket.end(answer))
  })
  const fetch = openFetch(openReach({ hosts: [`127.0.0.1:${port}`] }))

  await expect(fetched(fetch, `http://127.0.0.1:${port}`)).rejects.toMatchObject({
    code: 'provider_unavailable',
    message: expect.stringMatching(/^The host .*\.$/),
  })
})

test('an answer that was told to be shorter ends where it was told', async () => {
  const port = await startRawServer((socket) => {
    socket.once('data', () =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nshort and more'),
    )
  })
  const fetch = openFetch(openReach({ hosts: [`127.0.0.1:${port}`] }))

  expect((await fetched(fetch, `http://127.0.0.1:${port}`)).text).toBe('short')
})

test.each([
  'http://169.254.169.254/latest/meta-data/',
  'http://[::ffff:169.254.169.254]/',
  'http://2852039166/',
  'http://localhost:1/',
  'http://[::1]/',
  'http://0x7f.2/',
  'file:///etc/passwd',
  'ftp://127.0.0.1/',
  '//10.0.0.1/',
  'http://user:secret@example.com/',
  'https://example.com:22/',
])('a redirect to %s is not followed', async (location) => {
  const { fetch, requests } = await allowed((_, response) => {
    response.writeHead(302, { location })
    response.end()
  })

  await expect(fetch('/', { maxRedirects: 5 })).rejects.toMatchObject({ code: 'input_rejected' })
  expect(requests).toHaveLength(1)
})

test('redirects in a circle end', async () => {
  const { fetch, requests } = await allowed((request, response) => {
    response.writeHead(302, { location: request.url === '/' ? '/again' : '/' })
    response.end()
  })

  await expect(fetch('/', { maxRedirects: 5 })).rejects.toThrow(/redirects more than 5 times/)
  expect(requests).toHaveLength(6)
})

test('credentials go to their origin, and not where it redirects to', async () => {
  const other = await startLoopbackServer((_, response) => response.end('other'))
  const first = await startLoopbackServer((_, response) => {
    response.writeHead(307, { location: `${other.origin}/`, 'set-cookie': 'session=1' })
    response.end()
  })
  const hosts = [first, other].map(({ port }) => `127.0.0.1:${port}`)
  const credentials = {
    origins: new Set([first.origin]),
    headers: { authorization: 'Basic c2VjcmV0', cookie: 'secret=1' },
  }

  await fetched(openFetch(openReach({ hosts })), first.origin, { maxRedirects: 5, credentials })
  expect(first.requests[0]?.headers).toMatchObject(credentials.headers)
  expect(other.requests[0]?.headers).not.toHaveProperty('authorization')
  expect(other.requests[0]?.headers).not.toHaveProperty('cookie')
})

test('a name whose address changes between two lookups leads to nothing inside', async () => {
  const { requests, port } = await startLoopbackServer((_, response) => response.end('secret'))
  const { resolve, asked } = createFakeResolver({ 'rebind.example': ['8.8.8.8', '127.0.0.1'] })
  const reach = openReach({ resolve, ports: [port] })
  const address = `http://rebind.example:${port}/`
  await new Promise((done) => {
    reach.lookup('rebind.example', {}, done)
  })

  await expect(fetched(openFetch(reach), address)).rejects.toMatchObject({ code: 'input_rejected' })
  expect(asked).toEqual(['rebind.example', 'rebind.example'])
  expect(requests).toHaveLength(0)
})

test('a name is asked for once for a connection, and that address is called', async () => {
  const { port } = await startLoopbackServer((request, response) =>
    response.end(request.headers.host),
  )
  const { resolve, asked } = createFakeResolver({
    'site.example': ['127.0.0.1', '169.254.169.254'],
  })
  const fetch = openFetch(openReach({ resolve, hosts: [`site.example:${port}`] }))

  expect((await fetched(fetch, `http://site.example:${port}/`)).text).toBe(`site.example:${port}`)
  expect(asked).toEqual(['site.example'])
})

test('a name that an allowed site redirects to is resolved and looked at as well', async () => {
  const { resolve } = createFakeResolver({ 'inside.example': ['10.0.0.1'] })
  const server = await startLoopbackServer((_, response) => {
    response.writeHead(301, { location: 'http://inside.example/' })
    response.end()
  })
  const fetch = openFetch(openReach({ resolve, hosts: [`127.0.0.1:${server.port}`] }))

  await expect(fetched(fetch, server.origin, { maxRedirects: 5 })).rejects.toThrow(
    /inside\.example is in a network that is closed/,
  )
})

test('a connection that ends up inside all the same is closed before anything is sent', async () => {
  const { requests, port } = await startLoopbackServer((_, response) => response.end('secret'))
  const open = openReach({ ports: null, networks: ['127.0.0.0/8'] })
  const reach = { ...open, permits: () => false }

  await expect(fetched(openFetch(reach), `http://127.0.0.1:${port}`)).rejects.toMatchObject({
    code: 'input_rejected',
  })
  expect(requests).toHaveLength(0)
})

test('a name that nobody knows is an error with a sentence', async () => {
  const { resolve } = createFakeResolver({})

  await expect(
    fetched(openFetch(openReach({ resolve })), 'http://nowhere.example'),
  ).rejects.toThrow('The host nowhere.example cannot be found: no such name is known.')
})

test('who aborts gets his own reason', async () => {
  const { fetch } = await allowed(() => undefined)
  const ending = new AbortController()
  const waiting = fetch('/', { signal: ending.signal })
  ending.abort(new Error('enough'))

  await expect(waiting).rejects.toThrow('enough')
})
