import OpenAI, { toFile } from 'openai'
import type { RagstoneProcess } from '../ragstone-process.ts'
import { exerciseKept } from './exercise-kept.ts'
import { exerciseGoldenQuestions } from './exercise-golden-questions.ts'
import { exerciseBudgets } from './exercise-budgets.ts'
import { exercisePeople } from './exercise-people.ts'
import { exerciseKeys } from './exercise-keys.ts'
import type { Recorder } from './recorder.ts'
import { CHAT_REST, EMBED, FUNCTION, RESPONSE_REST } from './rare-parameters.ts'
import { exerciseBackground, exerciseFunctions } from './exercise-responses.ts'
import { HANDBOOK, QUESTION } from './served-library.ts'

/** The client, over the recorder, and what the exercises before have made. */
interface Bench {
  readonly client: OpenAI
  readonly get: (path: string) => Promise<Response>
  readonly post: (path: string, body: unknown) => Promise<Response>
}

/** Uses every operation with every parameter that there is, once, through the official client. */
export async function exercise(
  server: Pick<RagstoneProcess, 'key' | 'url'>,
  fetch: Recorder['fetch'],
): Promise<void> {
  const headers = { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' }
  const bench: Bench = {
    client: new OpenAI({
      baseURL: `${server.url}/v1`,
      apiKey: server.key,
      maxRetries: 0,
      fetch,
    }),
    get: (path) => fetch(`${server.url}${path}`, { headers }),
    post: (path, body) =>
      fetch(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
  }
  const fileId = await exerciseFiles(bench)
  const storeId = await exerciseStores(bench, fileId)
  await exerciseBatches(bench, storeId, fileId)
  await exerciseSearch(bench, storeId)
  await bench.client.embeddings.create({ ...EMBED, encoding_format: 'float' })
  const responseId = await exerciseResponses(bench, storeId)
  await exerciseConversations(bench, storeId)
  await exerciseChat(bench, storeId)
  await exerciseRest(bench, storeId)
  await exerciseModels(bench, storeId)
  await exerciseOwn(bench, { storeId, responseId })
  await exerciseKept(bench, { storeId, fileId })
  await exerciseGoldenQuestions(server, fetch, storeId)
  await exerciseBudgets(server, fetch)
  await exercisePeople(server, fetch)
  await exerciseTenants(bench)
  await exerciseFailures(bench, { fileId })
  await exerciseRemoval(bench, { storeId, fileId, responseId })
}

async function exerciseFiles({ client }: Bench): Promise<string> {
  const file = await client.files.create({
    file: await toFile(Buffer.from(HANDBOOK), 'handbook.md'),
    purpose: 'assistants',
    expires_after: { anchor: 'created_at', seconds: 86_400 },
  })
  await client.files.retrieve(file.id)
  await client.files.content(file.id)
  const before = await client.files.create({
    file: await toFile(Buffer.from('The canteen opens at noon.'), 'letter.txt'),
    purpose: 'user_data',
  })
  await client.files.list({ purpose: 'assistants', limit: 10, order: 'desc', after: before.id })
  await client.files.list()
  return file.id
}

async function exerciseStores({ client }: Bench, fileId: string): Promise<string> {
  const { vectorStores } = client
  const older = await vectorStores.create({
    name: 'Older',
    file_ids: [fileId],
    chunking_strategy: { type: 'auto' },
  })
  const store = await vectorStores.create({
    name: 'Handbook',
    expires_after: { anchor: 'last_active_at', days: 30 },
    metadata: { team: 'office' },
  })
  await vectorStores.update(store.id, {
    name: 'Handbook 2026',
    metadata: { team: 'office' },
    expires_after: { anchor: 'last_active_at', days: 60 },
  })
  await vectorStores.files.createAndPoll(store.id, {
    file_id: fileId,
    attributes: { kind: 'rules' },
    chunking_strategy: {
      type: 'static',
      static: { max_chunk_size_tokens: 400, chunk_overlap_tokens: 40 },
    },
  })
  await vectorStores.retrieve(store.id)
  const cursor = { limit: 5, order: 'asc' as const }
  await vectorStores.list({ ...cursor, after: older.id })
  await vectorStores.list({ ...cursor, before: store.id })
  const at = { vector_store_id: store.id }
  await vectorStores.files.update(fileId, { ...at, attributes: { kind: 'rules', year: 2026 } })
  await vectorStores.files.retrieve(fileId, at)
  await vectorStores.files.content(fileId, at)
  await vectorStores.files.list(store.id, { ...cursor, filter: 'completed' })
  await vectorStores.files.list(store.id, { after: fileId })
  await vectorStores.files.list(store.id, { before: fileId })
  return store.id
}

async function exerciseBatches({ client }: Bench, storeId: string, fileId: string): Promise<void> {
  const { fileBatches } = client.vectorStores
  const letter = await client.files.create({
    file: await toFile(Buffer.from('The gate closes at ten.'), 'gate.txt'),
    purpose: 'assistants',
  })
  const batch = await fileBatches.createAndPoll(storeId, {
    file_ids: [letter.id],
    attributes: { kind: 'news' },
    chunking_strategy: { type: 'auto' },
  })
  const at = { vector_store_id: storeId }
  await fileBatches.retrieve(batch.id, at)
  await fileBatches.listFiles(batch.id, { ...at, limit: 5, order: 'asc', filter: 'completed' })
  await fileBatches.listFiles(batch.id, { ...at, after: letter.id })
  await fileBatches.listFiles(batch.id, { ...at, before: letter.id })
  const other = await client.vectorStores.create({ name: 'Batches' })
  const second = await fileBatches.create(other.id, { files: [{ file_id: fileId }] })
  await fileBatches.cancel(second.id, { vector_store_id: other.id })
}

async function exerciseSearch({ client }: Bench, storeId: string): Promise<void> {
  await client.vectorStores.search(storeId, {
    query: 'days of leave',
    filters: { type: 'eq', key: 'kind', value: 'rules' },
    max_num_results: 2,
    ranking_options: { ranker: 'auto', score_threshold: 0.1 },
    rewrite_query: false,
  })
}

async function exerciseResponses({ client }: Bench, storeId: string): Promise<string> {
  const { responses } = client
  const tools = [{ type: 'file_search' as const, vector_store_ids: [storeId], max_num_results: 3 }]
  const first = await responses.create({ model: 'extractive', input: QUESTION, tools })
  const ask = {
    model: 'extractive',
    input: [{ role: 'user' as const, content: QUESTION }],
    tools,
    instructions: 'Be brief.',
    include: ['file_search_call.results' as const],
    max_output_tokens: 500,
    max_tool_calls: 1,
    metadata: { channel: 'tests' },
    parallel_tool_calls: true,
    previous_response_id: first.id,
    prompt_cache_key: 'tests',
    safety_identifier: 'someone',
    store: true,
    temperature: 0.2,
    text: { format: { type: 'text' as const } },
    tool_choice: 'auto' as const,
    top_p: 1,
    truncation: 'disabled' as const,
    user: 'someone',
  }
  const response = await responses.create(ask)
  await Array.fromAsync(await responses.create({ ...ask, stream: true, stream_options: {} }))
  await responses.retrieve(response.id, { include: ['file_search_call.results'] })
  const items = await responses.inputItems.list(response.id, {
    include: ['file_search_call.results'],
    limit: 5,
    order: 'asc',
  })
  await responses.inputItems.list(response.id, { after: items.data[0]?.id ?? '' })
  await exerciseBackground(client, tools)
  await exerciseFunctions(client)
  return response.id
}

/** What is not there yet is recorded as that, and shows in the coverage. */
const refused = (error: unknown): null => {
  if (error instanceof OpenAI.APIError) return null
  throw error
}

async function exerciseConversations({ client }: Bench, storeId: string): Promise<void> {
  const { conversations } = client
  const said = { type: 'message' as const, role: 'user' as const, content: 'Good morning.' }
  const made = await conversations
    .create({ items: [said], metadata: { channel: 'tests' } })
    .catch(refused)
  if (made === null) return
  await conversations.retrieve(made.id)
  await conversations.update(made.id, { metadata: { channel: 'more tests' } })
  await client.responses.create({
    model: 'extractive',
    input: QUESTION,
    conversation: made.id,
    tools: [{ type: 'file_search', vector_store_ids: [storeId] }],
  })
  const at = { conversation_id: made.id }
  const include = ['file_search_call.results' as const]
  const added = await conversations.items.create(made.id, { items: [said], include })
  const itemId = added.data[0]?.id ?? ''
  await conversations.items.retrieve(itemId, { ...at, include })
  await conversations.items.list(made.id, { include, limit: 10, order: 'asc' })
  await conversations.items.list(made.id, { after: itemId })
  await conversations.items.delete(itemId, at)
  await conversations.delete(made.id)
}

async function exerciseChat({ client }: Bench, storeId: string): Promise<void> {
  const messages = [
    { role: 'system' as const, content: 'Be brief.' },
    { role: 'user' as const, content: QUESTION },
  ]
  const body = {
    model: 'extractive',
    messages,
    vector_store_ids: [storeId],
    filters: { type: 'eq', key: 'kind', value: 'rules' },
    max_completion_tokens: 500,
    max_tokens: 500,
    temperature: 0.2,
    top_p: 1,
    n: 1,
    stop: ['END'],
    metadata: { channel: 'tests' },
    user: 'someone',
  }
  await client.chat.completions.create(body)
  await client.chat.completions.create({ model: storeId, messages })
  const streamed = { ...body, stream: true as const, stream_options: { include_usage: true } }
  await Array.fromAsync(await client.chat.completions.create(streamed))
}

/** Parameters that are not of the usual way, one at a time: each is taken, or refused with a sentence. */
async function exerciseRest({ post }: Bench, storeId: string): Promise<void> {
  const stores = { model: 'llama', vector_store_ids: [storeId] }
  const body = { ...stores, messages: [{ role: 'user', content: QUESTION }] }
  for (const [name, value] of Object.entries(CHAT_REST)) {
    await post('/v1/chat/completions', { ...body, [name]: value })
  }
  const called = { tools: [{ type: 'function', function: FUNCTION }], tool_choice: 'auto' }
  await post('/v1/chat/completions', { ...body, ...called })
  const tools = [{ type: 'file_search', vector_store_ids: [storeId] }]
  for (const [name, value] of Object.entries(RESPONSE_REST)) {
    await post('/v1/responses', { model: 'llama', tools, input: QUESTION, [name]: value })
  }
  await post('/v1/vector_stores', { name: 'Described', description: 'The office.' })
}

async function exerciseModels({ client }: Bench, storeId: string): Promise<void> {
  await client.models.list()
  await client.models.retrieve(storeId)
}

async function exerciseOwn(
  { client, get, post }: Bench,
  made: { readonly storeId: string; readonly responseId: string },
): Promise<void> {
  await get(`/api/answers/${made.responseId}/trace`)
  await get(`/api/vector_stores/${made.storeId}/progress`)
  await get(`/api/vector_stores/${made.storeId}/documents?source_key=none`)
  await get('/api/whoami')
  await get('/api/audit?limit=3')
  await get('/api/audit/chain?limit=3')
  await get('/api/audit/verification')
  await exerciseKeys({ client, get, post })
  await get('/livez')
  await get('/readyz')
  await get('/healthz')
}

/** As an operator may. */
async function exerciseTenants({ get, post }: Bench): Promise<void> {
  await get('/api/tenant')
  await post('/api/tenant', { settings: { audit_questions: false } })
  const wanted = { name: 'acme', tier: 'pro', limits: { files: 500, chunks: null } }
  const { id } = (await (await post('/api/tenants', wanted)).json()) as { id: string }
  await get('/api/tenants?limit=10')
  await get(`/api/tenants/${id}`)
  await post(`/api/tenants/${id}`, { tier: 'enterprise', settings: { audit_questions: true } })
  await get(`/api/tenants/${id}/export`)
  await post(`/api/tenants/${id}/suspend`, {})
  await post(`/api/tenants/${id}/resume`, {})
  await post(`/api/tenants/${id}/erase`, { confirm: 'acme' })
  await get(`/api/tenants/${id}/erasure`)
}

async function exerciseFailures(
  { client, get }: Bench,
  made: { readonly fileId: string },
): Promise<void> {
  const input = QUESTION
  await client.responses.create({ model: 'extractive', input, temperature: 9 }).catch(refused)
  await client.withOptions({ apiKey: 'rs_wrong' }).models.retrieve('x').catch(refused)
  await get('/v1/vector_stores/vs_none')
  const headers = { range: 'bytes=900000-' }
  await client.files.content(made.fileId, { headers }).catch(refused)
  const large = { model: 'extractive', input: 'x'.repeat(1_100_000) }
  await client.responses.create(large).catch(refused)
  const wrongType = { headers: { 'content-type': 'text/csv' } }
  await client.responses.create({ model: 'extractive', input }, wrongType).catch(refused)
}

async function exerciseRemoval(
  { client }: Bench,
  made: { readonly storeId: string; readonly fileId: string; readonly responseId: string },
): Promise<void> {
  await client.responses.delete(made.responseId)
  await client.vectorStores.files.delete(made.fileId, { vector_store_id: made.storeId })
  await client.vectorStores.delete(made.storeId)
  await client.files.delete(made.fileId)
}
