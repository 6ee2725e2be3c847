import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startRagstone, type RagstoneProcess } from '../ragstone-process.ts'
import { SERVER_URL } from '../storage/backends.ts'
import { describeWithOwnValkey, startValkey, type OwnValkey } from '../valkey-server.ts'
import { makeServerDatabase } from './served-backend.ts'

const LIMIT = 40

describeWithOwnValkey('two servers, one PostgreSQL and one Valkey', () => {
  if (SERVER_URL === undefined) {
    test.skip('RAGSTONE_TEST_DATABASE_URL names no PostgreSQL 18: see scripts/postgres-18.sh')
    return
  }
  let valkey: OwnValkey
  let database: Awaited<ReturnType<typeof makeServerDatabase>>
  let files: string
  let servers: readonly [RagstoneProcess, RagstoneProcess]

  beforeAll(async () => {
    valkey = await startValkey()
    database = await makeServerDatabase()
    files = await mkdtemp(join(tmpdir(), 'ragstone-limits-'))
    const environment = {
      RAGSTONE_BLOBS_DIRECTORY: files,
      DATABASE_URL: database.url,
      RAGSTONE_VALKEY_URL: valkey.url,
      RAGSTONE_LIMITS_KEY_REQUESTS_PER_MINUTE: String(LIMIT),
      RAGSTONE_LIMITS_PENALTY_LONGEST_SECONDS: '0',
      RAGSTONE_SERVER_LOG_LEVEL: 'error',
    }
    const first = await startRagstone({ environment, scopes: ['admin', 'operator'] })
    servers = [first, await startRagstone({ environment, key: first.key })]
  }, 240_000)
  afterAll(async () => {
    for (const server of servers) await server.stop()
    await database.drop()
    await valkey.kill()
    await rm(files, { recursive: true, force: true })
  })

  /** A key of its own for each test: what one counted is not the next one's. */
  const newKey = async () => {
    const { key } = (await (
      await fetch(`${servers[0].url}/api/keys`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${servers[0].key}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ name: 'limited', scopes: ['admin', 'read'] }),
      })
    ).json()) as { key: string }
    return key
  }
  const statusesOf = (server: RagstoneProcess, key: string, calls: number) =>
    Promise.all(
      Array.from({ length: calls }, async () => {
        const response = await fetch(`${server.url}/v1/models`, {
          headers: { authorization: `Bearer ${key}` },
        })
        await response.text()
        return response.status
      }),
    )
  const countOf = (statuses: readonly number[], wanted: number) =>
    statuses.filter((status) => status === wanted).length
  const valkeyState = async (server: RagstoneProcess) => {
    const response = await fetch(`${server.url}/healthz`, {
      headers: { authorization: `Bearer ${server.key}` },
    })
    const { checks } = (await response.json()) as { checks?: { name: string; status: string }[] }
    return checks?.find(({ name }) => name === 'valkey')?.status
  }

  test('share one limit exactly', async () => {
    const key = await newKey()
    // A flood at both could be over at the one before the other has answered anything.
    const few: (readonly number[])[] = []
    for (const server of servers) few.push(await statusesOf(server, key, 2))
    const flood = await Promise.all(servers.map((server) => statusesOf(server, key, 58)))
    const statuses = [...few, ...flood]

    expect([countOf(statuses.flat(), 200), countOf(statuses.flat(), 429)]).toEqual([
      LIMIT,
      120 - LIMIT,
    ])
    expect(few.flat()).toEqual([200, 200, 200, 200])
  })

  const metricsOf = async ({ url, key }: RagstoneProcess) =>
    (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } })).text()

  test('go on by themselves when Valkey is killed under traffic, say so, and rejoin', async () => {
    const key = await newKey()
    const traffic = servers.map((server) => statusesOf(server, key, 100))
    await valkey.kill()
    const statuses = (await Promise.all(traffic)).flat()
    const away = await Promise.all(servers.map(valkeyState))
    await valkey.restart()
    const back = async () => Promise.all(servers.map(valkeyState))

    // Each may have let as many in as the limit, and no request was lost.
    expect(countOf(statuses, 200)).toBeGreaterThanOrEqual(LIMIT)
    expect(countOf(statuses, 200)).toBeLessThanOrEqual(2 * LIMIT)
    expect(countOf(statuses, 200) + countOf(statuses, 429)).toBe(200)
    expect(away).toEqual(['degraded', 'degraded'])
    await expect.poll(back).toEqual(['ok', 'ok'])
    for (const server of servers) {
      const page = await metricsOf(server)
      expect(page).toMatch(/^ragstone_valkey_up 1$/m)
      expect(page).toMatch(/^ragstone_valkey_outages_total [1-9]/m)
    }
  })

  test('share one limit exactly again', async () => {
    const key = await newKey()
    const statuses = await Promise.all(servers.map((server) => statusesOf(server, key, 60)))

    expect(countOf(statuses.flat(), 200)).toBe(LIMIT)
  })
})
