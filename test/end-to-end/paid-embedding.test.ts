import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startFakeOpenAi, type FakeOpenAiServer } from '../fake-openai-server.ts'
import { startRagstone, type RagstoneProcess } from '../ragstone-process.ts'

let service: FakeOpenAiServer
let ragstone: RagstoneProcess
let folder: string

beforeAll(async () => {
  service = await startFakeOpenAi({ dimensions: 8 })
  folder = await mkdtemp(join(tmpdir(), 'ragstone-paid-'))
  const config = join(folder, 'ragstone.yaml')
  await writeFile(
    config,
    `
embedding:
  provider: openai-compatible
  base_url: ${service.baseUrl}
  model: fake-embedding
  dimensions: 8
  price: { input_per_million: 2, currency: USD, as_of: 2026-11-01 }
`,
  )
  ragstone = await startRagstone({
    environment: { DATABASE_URL: '', RAGSTONE_CONFIG: config, RAGSTONE_SERVER_LOG_LEVEL: 'error' },
    scopes: ['admin', 'operator'],
  })
}, 120_000)
afterAll(async () => {
  await ragstone.stop()
  await service.close()
  await rm(folder, { recursive: true, force: true })
})

async function send(call: string, body: object | null, key = ragstone.key) {
  const [method = '', path = ''] = call.split(' ')
  const json = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const response = await fetch(`${ragstone.url}${path}`, {
    method,
    ...(body === null
      ? { headers: { authorization: `Bearer ${key}` } }
      : { headers: json, body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
  return {
    status: response.status,
    text,
    body: (isJson ? JSON.parse(text) : {}) as Record<string, unknown>,
  }
}

async function newTenant(limits: object) {
  const name = `tenant ${Math.random()}`
  const { body } = await send('POST /api/tenants', { name, tier: 'enterprise', limits })
  const key = String(body['key'])
  const client = new OpenAI({ baseURL: `${ragstone.url}/v1`, apiKey: key, maxRetries: 0 })
  const store = await client.vectorStores.create({})
  const add = async (text: string) => {
    const content = await toFile(Buffer.from(text), 'note.txt')
    const file = await client.files.create({ file: content, purpose: 'assistants' })
    return client.vectorStores.files.createAndPoll(store.id, { file_id: file.id })
  }
  return { key, client, store, add }
}

test('what a service embeds is in the ledger: of documents for the tenant, of callers for their key', async () => {
  const { key, client, store, add } = await newTenant({})
  await add('The gate closes at ten.')
  await client.vectorStores.search(store.id, { query: 'When does the gate close?' })
  await client.embeddings.create({ model: 'fake-embedding', input: ['one', 'two'] })
  const { body } = await send('GET /api/usage?group_by=purpose,key', null, key)
  const rows = body['data'] as readonly Record<string, unknown>[]

  expect(rows.map(({ purpose, key: of }) => [purpose, of === null])).toEqual([
    ['embed_documents', true],
    ['embed_question', false],
    ['embed_texts', false],
  ])
  // The service counts a token a text.
  expect(rows.map(({ input_tokens, cost }) => [input_tokens, cost])).toEqual([
    [1, '0.000002'],
    [1, '0.000002'],
    [2, '0.000004'],
  ])
})

test('a budget that is used up refuses what would be embedded, and says so of a document', async () => {
  const { key, client, store, add } = await newTenant({ tokens_per_day: 0 })
  const added = await add('The gate closes at ten.')
  const search = { query: 'When does the gate close?' }
  const searched = await send(`POST /v1/vector_stores/${store.id}/search`, search, key)
  const embeddings = client.embeddings.create({ model: 'fake-embedding', input: 'one' })

  expect(added).toMatchObject({
    status: 'failed',
    last_error: {
      message: expect.stringContaining('The daily token budget of your organisation') as string,
    },
  })
  expect(searched).toMatchObject({ status: 402, body: { error: { code: 'budget_exceeded' } } })
  await expect(embeddings).rejects.toMatchObject({ status: 402, code: 'budget_exceeded' })
})

test('the metrics count tokens and costs by model', async () => {
  const before = await spent()
  const { client } = await newTenant({})
  await client.embeddings.create({ model: 'fake-embedding', input: ['one', 'two', 'three'] })
  const after = await spent()

  expect(after.tokens - before.tokens).toBe(3)
  expect(after.cost - before.cost).toBeCloseTo(0.000006, 9)
})

/** As Prometheus reads it. */
async function spent() {
  const { text } = await send('GET /metrics', null)
  const of = (line: RegExp) => Number(line.exec(text)?.[1] ?? 0)
  return {
    tokens: of(/^ragstone_model_tokens_total\{model="[^"]*",direction="input"\} (\S+)$/m),
    cost: of(/^ragstone_model_cost_total\{model="[^"]*"\} (\S+)$/m),
  }
}
