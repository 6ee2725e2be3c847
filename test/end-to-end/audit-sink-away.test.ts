import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startHttpReceiver, until } from '../app/audit-receivers.ts'
import { startRagstone, type RagstoneProcess } from '../ragstone-process.ts'

// A server as it is run, its collector, and a kill.

const PATIENCE = { timeout: 120_000 }
let receiver: Awaited<ReturnType<typeof startHttpReceiver>>
let folder = ''
let server: RagstoneProcess
const made: string[] = []

const start = () =>
  startRagstone({
    dataDirectory: folder,
    ...(server === undefined ? { scopes: ['admin', 'operator'] } : { key: server.key }),
    environment: {
      RAGSTONE_AUDIT_SINK: 'http',
      RAGSTONE_AUDIT_URL: receiver.url,
      RAGSTONE_AUDIT_TIMEOUT_SECONDS: '600',
      RAGSTONE_SERVER_LOG_LEVEL: 'fatal',
    },
  })
const read = async (path: string) => {
  const response = await fetch(`${server.url}${path}`, {
    headers: { authorization: `Bearer ${server.key}` },
  })
  return response.text()
}
const auditCheck = async () => {
  const { checks } = JSON.parse(await read('/healthz')) as {
    checks: readonly { name: string; status: string; detail: string }[]
  }
  return checks.find(({ name }) => name === 'audit')
}
const make = async (count: number) => {
  for (let index = 0; index < count; index += 1) {
    made.push((await server.client.vectorStores.create({ name: `${made.length}` })).id)
  }
}
const pending = async () =>
  Number(
    /^ragstone_audit_pending_entries\{waits_for="sink"\} (\d+)$/m.exec(await read('/metrics'))?.[1],
  )

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ragstone-sink-'))
  receiver = await startHttpReceiver()
  receiver.mood = 'fail'
  server = await start()
}, 120_000)
afterAll(async () => {
  await server.stop()
  await receiver.close()
  await rm(folder, { recursive: true, force: true })
})

test(
  'what waits for a collector that fails shows in /healthz and in a metric',
  PATIENCE,
  async () => {
    await make(5)
    await until(async () => (await auditCheck())?.status === 'degraded')
    await until(async () => (await pending()) >= 5)

    expect((await auditCheck())?.detail).toMatch(
      /\d+ for the sink, the oldest since \d{4}-.*It has failed \d+ times in a row/,
    )
    expect(await read('/metrics')).toMatch(/^ragstone_audit_sink_failures [1-9]/m)
  },
)

test('a kill while the collector is silent loses nothing', PATIENCE, async () => {
  receiver.mood = 'hang'
  const before = receiver.tries
  await until(() => receiver.tries > before)
  await make(5)
  await server.kill()
  receiver.mood = 'take'
  server = await start()
  await make(1)
  const targets = () => receiver.taken.map(({ target }) => target)
  await until(() => made.every((id) => targets().includes(id)))

  const stores = receiver.taken.filter(({ action }) => action === 'vector_store.create')
  expect([...new Set(stores.map(({ target }) => target))]).toEqual(made)
  for (const [, lines] of Map.groupBy(receiver.taken, (line) => line.tenant_id)) {
    const positions = [...new Set(lines.map(({ position }) => position))]
    expect(positions).toEqual(positions.map((_, index) => index + 1))
  }
  expect(receiver.taken.filter(({ action }) => action === 'server.start')).toHaveLength(2)
  expect(receiver.taken.filter(({ action }) => action === 'server.stop')).toEqual([])
})

test('a server that is told to stop says so before it ends', PATIENCE, async () => {
  await server.stop()

  expect(receiver.taken.map(({ action }) => action)).toContain('server.stop')
})
