import { toFile } from 'openai'
import { beforeAll, expect, test } from 'vitest'
import type {
  AskToolOutput,
  FetchToolOutput,
  SearchToolOutput,
} from '../../src/contract/mcp-tools.ts'
import { AppError } from '../../src/core/errors.ts'
import { callTool, connectMcp } from './connect-mcp.ts'
import { exampleChunk, exampleCitation, finishedWith, searched } from './fake-answer.ts'
import { BODY_LIMIT } from './create-deps.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()

const LEASE = 'Notice is given in days. Sixty are enough.'
const lease = { vectorStoreId: '', fileId: '' }
const long = { vectorStoreId: '', fileId: '' }
const LONG = Array.from({ length: 3_000 }, (_, line) => `Zeile ${line} über alles — ✓`).join('\n')

beforeAll(async () => {
  const store = await world().client.vectorStores.create({ name: 'contracts' })
  Object.assign(lease, await addDocument(store.id, 'lease.txt', LEASE))
  Object.assign(long, await addDocument(store.id, 'long.txt', LONG))
})

async function addDocument(vectorStoreId: string, name: string, text: string) {
  const { client } = world()
  const file = await client.files.create({
    file: await toFile(Buffer.from(text), name),
    purpose: 'assistants',
  })
  await client.vectorStores.files.create(vectorStoreId, { file_id: file.id })
  await world().index({ vectorStoreId, fileId: file.id }, text)
  return { vectorStoreId, fileId: file.id }
}

const connect = (key = world().key, url = world().url) => connectMcp(url, key)
const call = callTool

async function post(body: unknown, headers: Record<string, string> = {}) {
  return fetch(`${world().url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${world().key}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

const rpc = (method: string, params: object = {}) => ({ jsonrpc: '2.0', id: 7, method, params })
const passage = (fields: Parameters<typeof exampleChunk>[0] = {}) =>
  exampleChunk({ ...lease, ...fields })

test('tools are listed with schemas of what goes in and comes out', async () => {
  const client = await connect()
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toEqual(['search', 'fetch', 'ask'])
  expect(tools[0]?.inputSchema).toMatchObject({ type: 'object', required: ['query'] })
  expect(tools[1]?.inputSchema).toMatchObject({ type: 'object', required: ['id'] })
  expect(Object.keys(tools[0]?.inputSchema.properties ?? {})).toEqual(['query'])
  expect(tools.every(({ annotations }) => annotations?.readOnlyHint === true)).toBe(true)
})

test('search gives one result a document, with its best passage and the bytes of all', async () => {
  world().found = [
    passage({ score: 0.9, start: 25, end: 42, text: 'Sixty are enough.' }),
    exampleChunk({ ...long, filename: 'long.txt', score: 0.8, text: 'Zeile 0', start: 0, end: 7 }),
    passage({ score: 0.7, start: 0, end: 24 }),
  ]
  const client = await connect()
  const { structuredContent, content } = await call<SearchToolOutput>(client, 'search', {
    query: 'notice',
  })
  const id = `${lease.vectorStoreId}/${lease.fileId}`
  expect(structuredContent.results.map((result) => result.id)).toEqual([
    id,
    `${long.vectorStoreId}/${long.fileId}`,
  ])
  expect(structuredContent.results[0]).toMatchObject({
    title: 'lease.txt',
    url: `${world().url}/v1/vector_stores/${lease.vectorStoreId}/files/${lease.fileId}/content`,
    text: 'Sixty are enough.',
    metadata: {
      passages: [
        { start: 25, end: 42 },
        { start: 0, end: 24, page: 3 },
      ],
    },
  })
  expect(content).toEqual([{ type: 'text', text: JSON.stringify(structuredContent) }])
})

test('a file that is in two stores is one result', async () => {
  const other = await world().client.vectorStores.create({ name: 'copies' })
  world().found = [passage({ score: 0.9 }), passage({ vectorStoreId: other.id, score: 0.8 })]
  const found = await call<SearchToolOutput>(await connect(), 'search', { query: 'notice' })
  expect(found.structuredContent.results).toHaveLength(1)
  expect(found.structuredContent.results[0]?.metadata.passages).toHaveLength(1)
})

test('a passage of a document that was removed meanwhile is not shown', async () => {
  world().found = [passage({ fileId: 'file-gone' })]
  const found = await call<SearchToolOutput>(await connect(), 'search', { query: 'notice' })
  expect(found.structuredContent.results).toEqual([])
})

test('search looks through the stores of the tenant and no others', async () => {
  const key = await world().newTenantKey()
  const before = world().searches.length
  const found = await call<SearchToolOutput>(await connect(key), 'search', { query: 'notice' })
  expect(found.structuredContent.results).toEqual([])
  expect(world().searches.length).toBe(before)
})

test('a document from the web is cited by its address there', async () => {
  const { client } = world()
  const file = await client.files.create({
    file: await toFile(Buffer.from('x'), 'page.html'),
    purpose: 'assistants',
  })
  const at = { vectorStoreId: lease.vectorStoreId, fileId: file.id }
  await client.post(`/vector_stores/${at.vectorStoreId}/files`, {
    body: { file_id: file.id, source_key: 'https://intranet.example/notice' },
  })
  await world().index(at, 'x')
  const id = `${at.vectorStoreId}/${at.fileId}`
  const { structuredContent } = await call<FetchToolOutput>(await connect(), 'fetch', { id })
  expect(structuredContent.url).toBe('https://intranet.example/notice')
})

test('fetch gives the whole text and says which bytes it is', async () => {
  const id = `${lease.vectorStoreId}/${lease.fileId}`
  const { structuredContent, content } = await call<FetchToolOutput>(await connect(), 'fetch', {
    id,
  })
  expect(structuredContent).toMatchObject({ id, title: 'lease.txt', text: LEASE })
  expect(structuredContent.metadata).toMatchObject({
    start: 0,
    end: LEASE.length,
    text_bytes: LEASE.length,
  })
  expect(structuredContent.metadata.next_id).toBeUndefined()
  expect(JSON.parse(content[0]?.text ?? '')).toEqual(structuredContent)
})

test('the parts of a long document, one after the other, are the document', async () => {
  const client = await connect()
  const parts: FetchToolOutput[] = []
  let id: string | undefined = `${long.vectorStoreId}/${long.fileId}`
  while (id !== undefined) {
    const part: FetchToolOutput = (await call<FetchToolOutput>(client, 'fetch', { id }))
      .structuredContent
    parts.push(part)
    id = part.metadata.next_id
  }
  expect(parts.length).toBeGreaterThan(1)
  expect(parts.map(({ text }) => text).join('')).toBe(LONG)
  for (const { text, metadata } of parts) {
    expect(Buffer.byteLength(text)).toBe(metadata.end - metadata.start)
  }
})

test('another tenant is told of a document what anybody is told of an unknown one', async () => {
  const id = `${lease.vectorStoreId}/${lease.fileId}`
  const unknown = 'vs_unknown/file-unknown'
  const client = await connect(await world().newTenantKey())
  const theirs = await call(client, 'fetch', { id })
  const nobodys = await call(client, 'fetch', { id: unknown })
  expect(theirs.isError).toBe(true)
  expect(theirs.content[0]?.text.replace(id, unknown)).toBe(nobodys.content[0]?.text)
})

test('what is no id at all is an unknown document', async () => {
  const result = await call(await connect(), 'fetch', { id: '../../etc/passwd' })
  expect(result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('No document') }],
  })
})

test('reading behind the end says how long the text is', async () => {
  const id = `${lease.vectorStoreId}/${lease.fileId}@5000`
  const result = await call(await connect(), 'fetch', { id })
  expect(result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('42 bytes') }],
  })
})

test('a document still being read is not there yet, and the tool says so', async () => {
  const { client } = world()
  const file = await client.files.create({
    file: await toFile(Buffer.from('x'), 'new.txt'),
    purpose: 'assistants',
  })
  await client.vectorStores.files.create(lease.vectorStoreId, { file_id: file.id })
  const result = await call(await connect(), 'fetch', { id: `${lease.vectorStoreId}/${file.id}` })
  expect(result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('still being read') }],
  })
})

test('an argument that is missing is named to the model', async () => {
  const result = await call(await connect(), 'search', {})
  expect(result).toMatchObject({
    isError: true,
    content: [{ text: "Missing required parameter: 'query'." }],
  })
})

test('ask gives the answer with its citations', async () => {
  const citation = exampleCitation(lease)
  world().answer.script([
    searched,
    { type: 'text', delta: 'Sixty days. [1]' },
    finishedWith({ citations: [citation] }),
  ])
  const { structuredContent } = await call<AskToolOutput>(await connect(), 'ask', {
    question: 'How long?',
  })
  expect(structuredContent).toMatchObject({
    answer: 'Sixty days. [1]',
    outcome: 'answered',
    citations: [{ number: 1, id: `${lease.vectorStoreId}/${lease.fileId}`, start: 0, end: 24 }],
  })
  expect(structuredContent.answer_id).toMatch(/^resp_/)
})

test('ask says how far it is to who wants to know', async () => {
  world().answer.script([
    searched,
    { type: 'text', delta: 'Sixty days.' },
    finishedWith({ citations: [] }),
  ])
  const told: (string | undefined)[] = []
  const client = await connect()
  await client.callTool({ name: 'ask', arguments: { question: 'How long?' } }, undefined, {
    onprogress: ({ message }) => told.push(message),
  })
  expect(told).toEqual(['Found 1 passages.', 'Writing the answer.'])
})

test('ask in an unknown store is told so', async () => {
  const result = await call(await connect(), 'ask', {
    question: 'How?',
    vector_store_ids: ['vs_none'],
  })
  expect(result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('vs_none') }],
  })
})

test('resources are the documents that can be read', async () => {
  const { resources } = await (await connect()).listResources()
  const uri = `ragstone://vector_stores/${lease.vectorStoreId}/files/${lease.fileId}`
  expect(resources).toContainEqual(
    expect.objectContaining({ uri, name: 'lease.txt', mimeType: 'text/plain', size: LEASE.length }),
  )
  expect(resources.some(({ name }) => name === 'new.txt')).toBe(false)
})

test('pages of resources, followed to the end, hold every document once', async () => {
  const store = await world().client.vectorStores.create({ name: 'many' })
  const names = Array.from({ length: 120 }, (_, number) => `many-${number}.txt`)
  for (const name of names) await addDocument(store.id, name, name)
  const client = await connect()
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await client.listResources(cursor === undefined ? {} : { cursor })
    expect(page.resources.length).toBeLessThanOrEqual(100)
    seen.push(...page.resources.map(({ uri }) => uri))
    cursor = page.nextCursor
  } while (cursor !== undefined)
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.filter((uri) => uri.includes(store.id))).toHaveLength(120)
  expect(seen).toContain(`ragstone://vector_stores/${lease.vectorStoreId}/files/${lease.fileId}`)
})

test('a cursor of nobody is refused as a wrong parameter', async () => {
  const client = await connect()
  await expect(client.listResources({ cursor: 'bm9uc2Vuc2U' })).rejects.toMatchObject({
    code: -32602,
  })
})

test('a resource is read by its address', async () => {
  const uri = `ragstone://vector_stores/${lease.vectorStoreId}/files/${lease.fileId}`
  const { contents } = await (await connect()).readResource({ uri })
  expect(contents).toMatchObject([{ uri, mimeType: 'text/plain', text: LEASE }])
})

test('a long resource says where it goes on', async () => {
  const client = await connect()
  const uri = `ragstone://vector_stores/${long.vectorStoreId}/files/${long.fileId}`
  const { contents } = await client.readResource({ uri })
  const next = contents[0]?._meta?.['ragstone/next_uri']
  const { contents: following } = await client.readResource({ uri: String(next) })
  const texts = [...contents, ...following].map((part) => ('text' in part ? part.text : ''))
  expect(LONG.startsWith(texts.join(''))).toBe(true)
})

test('the template of resources makes their addresses', async () => {
  const { resourceTemplates } = await (await connect()).listResourceTemplates()
  expect(resourceTemplates[0]?.uriTemplate).toBe(
    'ragstone://vector_stores/{vector_store_id}/files/{file_id}{?start}',
  )
})

test("a resource of another tenant's is not found, as an unknown one is not", async () => {
  const client = await connect(await world().newTenantKey())
  const uri = `ragstone://vector_stores/${lease.vectorStoreId}/files/${lease.fileId}`
  await expect(client.readResource({ uri })).rejects.toMatchObject({ code: -32002 })
  await expect(
    client.readResource({ uri: 'ragstone://vector_stores/vs_0/files/file-0' }),
  ).rejects.toMatchObject({ code: -32002 })
})

test('without a key: 401 with a challenge, and an error of JSON-RPC', async () => {
  const response = await post(rpc('tools/list'), { authorization: '' })
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toMatch(/^Bearer realm=/)
  expect(await response.json()).toMatchObject({
    jsonrpc: '2.0',
    error: { data: { code: 'invalid_api_key' } },
  })
})

test('a wrong key fails the connection', async () => {
  await expect(connect('rs_wrong')).rejects.toThrow(/Incorrect API key|401/)
})

test('a key without the scope of a tool neither sees it nor may call it', async () => {
  const key = await world().newKey(['read'])
  const client = await connect(key)
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toEqual(['search', 'fetch'])
  const response = await post(rpc('tools/call', { name: 'ask', arguments: { question: 'x' } }), {
    authorization: `Bearer ${key}`,
  })
  expect(response.status).toBe(403)
  expect(response.headers.get('www-authenticate')).toContain('scope="ask"')
  expect(await response.json()).toMatchObject({ id: 7, error: { data: { code: 'missing_scope' } } })
})

test('a key that may only ask reads no resource', async () => {
  const authorization = `Bearer ${await world().newKey(['ask'])}`
  expect((await post(rpc('resources/list'), { authorization })).status).toBe(403)
})

test('GET and DELETE are answered 405: there are no sessions', async () => {
  for (const method of ['GET', 'DELETE']) {
    const response = await fetch(`${world().url}/mcp`, {
      method,
      headers: { accept: 'text/event-stream' },
    })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST')
  }
})

test('no session is begun, and a request needs no handshake before it', async () => {
  const response = await post(rpc('tools/list'))
  expect(response.status).toBe(200)
  expect(response.headers.get('mcp-session-id')).toBeNull()
  expect(response.headers.get('content-type')).toContain('application/json')
})

test('a page of another host may not call, one of this machine and programs may', async () => {
  const statusOf = async (origin: string) => (await post(rpc('ping'), { origin })).status
  expect(await statusOf('http://evil.example')).toBe(403)
  expect(await statusOf('http://localhost.evil.example')).toBe(403)
  expect(await statusOf('null')).toBe(403)
  expect(await statusOf('http://localhost:5173')).toBe(200)
  expect(await statusOf('https://chatgpt.com')).toBe(200)
})

test('pages of an origin that the configuration names may call', async () => {
  const { url } = await world().listen({
    settings: { ...world().deps.settings, allowedOrigins: ['https://*.example.com'] },
  })
  const statusOf = async (origin: string) =>
    (
      await fetch(`${url}/mcp`, {
        method: 'POST',
        headers: {
          origin,
          authorization: `Bearer ${world().key}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
        body: JSON.stringify(rpc('ping')),
      })
    ).status

  expect(await statusOf('https://app.example.com')).toBe(200)
  expect(await statusOf('https://app.example.org')).toBe(403)
})

test('what is not JSON is a parse error', async () => {
  const response = await post('{')
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: { code: -32700 } })
})

test('a body over the limit is refused', async () => {
  const response = await post(rpc('ping', { filler: 'x'.repeat(BODY_LIMIT) }))
  expect(response.status).toBe(413)
  expect(await response.json()).toMatchObject({
    jsonrpc: '2.0',
    error: { data: { code: 'request_too_large' } },
  })
})

test('a batch of many calls is refused', async () => {
  const response = await post(Array.from({ length: 21 }, () => rpc('ping')))
  expect(response.status).toBe(400)
})

test('an unknown method and an unknown tool are errors of JSON-RPC', async () => {
  const method = await (await post(rpc('nothing/at/all'))).json()
  expect(method).toMatchObject({ id: 7, error: { code: -32601 } })
  const tool = await (await post(rpc('tools/call', { name: 'nothing' }))).json()
  expect(tool).toMatchObject({ id: 7, error: { code: -32602 } })
})

test('a failure that nobody foresaw tells nothing of itself', async () => {
  const broken = new Error('password of the database: hunter2')
  const { url } = await world().listen({ search: () => Promise.reject(broken) })
  const result = await call(await connect(world().key, url), 'search', { query: 'notice' })
  expect(result).toMatchObject({
    isError: true,
    content: [{ text: 'Something broke on our side.' }],
  })
})

test('an outage says when to try again', async () => {
  const away = new AppError('database_unavailable', 'The database is away.', {
    retryAfterMs: 3_000,
  })
  const { url } = await world().listen({ search: () => Promise.reject(away) })
  const result = await (
    await connect(world().key, url)
  ).callTool({ name: 'search', arguments: { query: 'x' } })
  expect(result._meta).toMatchObject({
    'ragstone/error': { code: 'database_unavailable', retry_after_ms: 3_000 },
  })
})

test('a search ends when its caller is gone', async () => {
  const ended = Promise.withResolvers<unknown>()
  const begun = Promise.withResolvers<void>()
  const { url } = await world().listen({
    search: (_request, signal) =>
      new Promise((_resolve, reject) => {
        begun.resolve()
        signal.addEventListener('abort', () => {
          ended.resolve(signal.reason)
          reject(signal.reason)
        })
      }),
  })
  const client = await connect(world().key, url)
  const leaving = new AbortController()
  const asked = client.callTool({ name: 'search', arguments: { query: 'x' } }, undefined, {
    signal: leaving.signal,
  })
  asked.catch(() => undefined)
  await begun.promise
  await client.close()
  expect(await ended.promise).toMatchObject({ name: 'CallerGone' })
})

test('an answer that is streamed ends when its caller is gone', async () => {
  const begun = Promise.withResolvers<AbortSignal>()
  world().answer.script([
    searched,
    (signal) =>
      new Promise((_resolve, reject) => {
        begun.resolve(signal)
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
  ])
  const client = await connect()
  client.callTool({ name: 'ask', arguments: { question: 'x' } }).catch(() => undefined)
  const signal = await begun.promise
  const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve))
  await client.close()
  await aborted
  expect(signal.reason).toMatchObject({ name: 'CallerGone' })
})

test('a server that stops lets a call under way say so', async () => {
  const begun = Promise.withResolvers<void>()
  world().answer.script([
    searched,
    (signal) =>
      new Promise((_resolve, reject) => {
        begun.resolve()
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
  ])
  const { app, url } = await world().listen({})
  const client = await connect(world().key, url)
  const asked = call(client, 'ask', { question: 'x' })
  await begun.promise
  const closed = app.close()
  expect(await asked).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('being stopped') }],
  })
  await closed
})
