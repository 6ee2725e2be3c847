import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { WireBudget } from '../../src/contract/budget.ts'
import {
  startFakeOpenAi,
  type FakeOpenAiServer,
  type ScriptedAnswer,
} from '../fake-openai-server.ts'
import { startRagstone, type RagstoneProcess } from '../ragstone-process.ts'
import { SERVER_URL } from '../storage/backends.ts'
import { describeWithOwnValkey, startValkey, type OwnValkey } from '../valkey-server.ts'
import { makeServerDatabase } from './served-backend.ts'

const CALLERS = 64
const LEASE_SECONDS = 3
const ASK = { model: 'large', input: 'How long is the notice period?', max_output_tokens: 50 }
/** What the model says of each answer: less than was held back for it. */
const USED = { prompt_tokens: 800, completion_tokens: 50 }
const ANSWER: ScriptedAnswer = {
  steps: [
    { wait: 20 },
    { text: 'Sixty days.' },
    { finish: 'stop' },
    { usage: USED },
    { done: true },
  ],
}
const HELD: ScriptedAnswer = { steps: [{ text: 'Sixty days.' }, { hang: true }] }

describeWithOwnValkey('two servers, one PostgreSQL: one budget', () => {
  if (SERVER_URL === undefined) {
    test.skip('RAGSTONE_TEST_DATABASE_URL names no PostgreSQL 18: see scripts/postgres-18.sh')
    return
  }
  let valkey: OwnValkey
  let database: Awaited<ReturnType<typeof makeServerDatabase>>
  let folder: string
  let model: FakeOpenAiServer
  let servers: readonly [RagstoneProcess, RagstoneProcess]
  let start: (key?: string) => Promise<RagstoneProcess>

  beforeAll(async () => {
    valkey = await startValkey()
    database = await makeServerDatabase()
    model = await startFakeOpenAi()
    folder = await mkdtemp(join(tmpdir(), 'ragstone-budget-'))
    const config = join(folder, 'ragstone.yaml')
    await writeFile(config, configOf(model.baseUrl))
    const environment = {
      DATABASE_URL: database.url,
      RAGSTONE_CONFIG: config,
      RAGSTONE_VALKEY_URL: valkey.url,
      RAGSTONE_SERVER_LOG_LEVEL: 'error',
      RAGSTONE_BLOBS_DIRECTORY: join(folder, 'blobs'),
    }
    start = (key) =>
      startRagstone(
        key === undefined
          ? { environment, scopes: ['admin', 'ask', 'operator'] }
          : { environment, key },
      )
    const first = await start()
    servers = [first, await start(first.key)]
  }, 240_000)
  afterAll(async () => {
    for (const server of servers) await server.stop()
    await model.close()
    await database.drop()
    await valkey.kill()
    await rm(folder, { recursive: true, force: true })
  })

  const send = async (
    call: string,
    body: object | null,
    of: { key?: string; server?: RagstoneProcess } = {},
  ) => {
    const { server = servers[0], key = server.key } = of
    const [method = '', path = ''] = call.split(' ')
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === null ? {} : { 'content-type': 'application/json' }),
      },
      body: body === null ? null : JSON.stringify(body),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  /** A tenant of its own for each test, with one document: over none, no model is asked. */
  const newTenant = async (limits: object) => {
    const name = `tenant ${Math.random()}`
    const { body } = await send('POST /api/tenants', { name, tier: 'enterprise', limits })
    const key = String(body['key'])
    const client = new OpenAI({ baseURL: `${servers[0].url}/v1`, apiKey: key, maxRetries: 0 })
    const store = await client.vectorStores.create({})
    const content = await toFile(Buffer.from('The notice period is sixty days.'), 'lease.txt')
    const file = await client.files.create({ file: content, purpose: 'assistants' })
    await client.vectorStores.files.createAndPoll(store.id, { file_id: file.id })
    return key
  }
  const budgetOf = async (key: string) => {
    const { body } = await send('GET /api/budgets', null, { key })
    return (body['data'] as readonly WireBudget[])[0]
  }
  const openStream = async (server: RagstoneProcess, key: string) => {
    const response = await fetch(`${server.url}/v1/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...ASK, stream: true }),
    })
    return { status: response.status, close: () => response.body?.cancel().catch(() => undefined) }
  }

  test('64 callers at both at once overspend nothing, and use what there is', async () => {
    const limit = 20_000
    const key = await newTenant({ tokens_per_day: limit })
    model.script(...Array.from({ length: CALLERS }, () => ANSWER))
    const answers = await Promise.all(
      Array.from({ length: CALLERS }, (_, place) => {
        const server = servers[place % 2]
        return send('POST /v1/responses', ASK, { key, ...(server && { server }) })
      }),
    )
    const statuses = answers.map(({ status }) => status)
    const answered = statuses.filter((status) => status === 200).length
    const spent = answered * (USED.prompt_tokens + USED.completion_tokens)

    expect(new Set(statuses)).toEqual(new Set([200, 402]))
    expect(spent).toBeLessThanOrEqual(limit)
    expect(await budgetOf(key)).toMatchObject({ used: spent, reserved: 0 })
  })

  test('what one server has used the other one knows at once', async () => {
    const key = await newTenant({ tokens_per_day: 4_000 })
    const statuses: number[] = []
    for (let turn = 0; turn < 8; turn += 1) {
      model.script(ANSWER)
      const server = servers[turn % 2]
      statuses.push(
        (await send('POST /v1/responses', ASK, { key, ...(server && { server }) })).status,
      )
    }

    expect(statuses.indexOf(402)).toBeGreaterThan(0)
    expect(statuses.slice(statuses.indexOf(402)).every((status) => status === 402)).toBe(true)
    expect((await budgetOf(key))?.used).toBe(statuses.indexOf(402) * 850)
  })

  test('of a server that was killed, what it held back and the streams it had open are free again', async () => {
    const victim = await start(servers[0].key)
    const key = await newTenant({ tokens_per_day: 4_000, concurrent_streams: 1 })
    model.script(HELD)
    const left = await openStream(victim, key)
    await expect.poll(async () => (await budgetOf(key))?.reserved).toBeGreaterThan(0)
    const beside = await openStream(servers[0], key)
    await beside.close()
    await victim.kill()
    model.script(ANSWER)
    const again = async () => {
      const opened = await openStream(servers[1], key)
      await opened.close()
      return opened.status
    }

    expect([left.status, beside.status]).toEqual([200, 429])
    await expect.poll(async () => (await budgetOf(key))?.reserved).toBe(0)
    await expect.poll(again, { timeout: 60_000, interval: 1_000 }).toBe(200)
  }, 120_000)
})

/** Without an embedding model: what is asked is how much may be used, not what is found. */
function configOf(baseUrl: string): string {
  return `
embedding: { provider: none }
chat:
  default_model: large
  models:
    - name: large
      provider: openai-compatible
      base_url: ${baseUrl}
      model: fake
      price: { input_per_million: 1, output_per_million: 1, currency: USD, as_of: 2026-11-01 }
retrieval: { abstain_below: 0, context_tokens: 256 }
budgets: { lease_seconds: ${LEASE_SECONDS} }
`
}
