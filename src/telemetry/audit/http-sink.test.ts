import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { AuditRecord } from '../../core/ports/audit.ts'
import { createHttpSink } from './http-sink.ts'

const record = (position: number): AuditRecord => ({
  tenantId: 'ten_1',
  id: `id-${position}`,
  at: '2026-11-21T08:00:00.000000Z',
  action: 'file.delete',
  actor: { kind: 'key', id: 'key_1' },
  target: null,
  outcome: 'done',
  requestId: null,
  address: null,
  detail: {},
  seal: { position, hash: 'aa' },
})
const records = [1, 2, 3, 4, 5].map(record)

interface Batch {
  readonly path: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly positions: readonly number[]
}

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function collector(statusOf: (batch: Batch) => number) {
  const batches: Batch[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const text = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString()
      const lines = text.trim().split('\n')
      const positions = lines.map((line) => (JSON.parse(line) as { position: number }).position)
      const batch = { path: request.url ?? '', headers: request.headers, positions }
      batches.push(batch)
      response.writeHead(statusOf(batch), { location: '/elsewhere' }).end()
    })()
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/audit`
  const sink = createHttpSink({ url, token: 'a token', timeoutMs: 10_000 })
  return { batches, deliver: () => sink.deliver(records, new AbortController().signal) }
}

test('a batch is JSON lines, with the token and a name of its own', async () => {
  const { batches, deliver } = await collector(() => 204)
  await deliver()
  await deliver()

  expect(batches.map(({ positions }) => positions)).toEqual([
    [1, 2, 3, 4, 5],
    [1, 2, 3, 4, 5],
  ])
  expect(batches[0]?.headers).toMatchObject({
    authorization: 'Bearer a token',
    'content-type': 'application/x-ndjson',
    'idempotency-key': batches[1]?.headers['idempotency-key'],
  })
})

test('a batch that is too large is halved until it is not, and stays in order', async () => {
  const { batches, deliver } = await collector(({ positions }) =>
    positions.length > 2 ? 413 : 200,
  )
  await deliver()

  expect(batches.map(({ positions }) => positions)).toEqual([
    [1, 2, 3, 4, 5],
    [1, 2, 3],
    [1, 2],
    [3],
    [4, 5],
  ])
})

test('a redirect is not followed, and takes nothing', async () => {
  const { batches, deliver } = await collector(() => 307)

  await expect(deliver()).rejects.toThrow()
  expect(batches.map(({ path }) => path)).toEqual(['/audit'])
})

test.each([400, 401, 500, 503])('%d takes nothing', async (status) => {
  const { deliver } = await collector(() => status)

  await expect(deliver()).rejects.toThrow(`answered ${status}`)
})
