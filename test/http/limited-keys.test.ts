import { beforeAll, expect, test } from 'vitest'
import { createId } from '../../src/core/id.ts'
import { useHttpWorld } from './world.ts'
import { exampleChunk } from './fake-answer.ts'

const world = useHttpWorld()

/** What lies in a store that the key is not for, by the name of the parameter that would name it. */
let foreign: Record<string, string>
let own: { readonly store: string; readonly file: string }
let key: string

interface Document {
  readonly paths: Record<string, Record<string, { readonly security?: readonly unknown[] }>>
}

async function send(method: string, path: string, ...[body, by = key]: [unknown?, string?]) {
  const response = await fetch(`${world().url}${path}`, {
    method: method.toUpperCase(),
    headers: {
      authorization: `Bearer ${by}`,
      accept: 'application/json, text/event-stream',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  })
  return { status: response.status, text: await response.text() }
}

const idOf = ({ text }: { readonly text: string }) => (JSON.parse(text) as { id: string }).id

async function upload(content: string, by: string): Promise<string> {
  const form = new FormData()
  form.set('purpose', 'assistants')
  form.set('file', new File([content], `${createId('file-')}.txt`))
  const response = await fetch(`${world().url}/v1/files`, {
    method: 'POST',
    headers: { authorization: `Bearer ${by}` },
    body: form,
  })
  return ((await response.json()) as { id: string }).id
}

async function fillStore(name: string, by: string) {
  const store = idOf(await send('post', '/v1/vector_stores', { name }, by))
  const file = await upload(`What is in ${name}.`, by)
  await send('post', `/v1/vector_stores/${store}/files`, { file_id: file }, by)
  await world().index({ vectorStoreId: store, fileId: file }, `What is in ${name}.`)
  return { store, file }
}

beforeAll(async () => {
  const all = world().key
  const theirs = await fillStore('theirs', all)
  own = await fillStore('ours', all)
  const tools = [{ type: 'file_search', vector_store_ids: [theirs.store] }]
  const response = idOf(await send('post', '/v1/responses', { input: 'theirs?', tools }, all))
  const conversation = idOf(
    await send('post', '/v1/conversations', { items: [{ role: 'user', content: 'theirs?' }] }, all),
  )
  const items = await send('get', `/v1/conversations/${conversation}/items`, undefined, all)
  const batch = idOf(
    await send(
      'post',
      `/v1/vector_stores/${theirs.store}/file_batches`,
      { file_ids: [theirs.file] },
      all,
    ),
  )
  const questions = [{ question: 'What is in theirs?' }]
  const inTheirs = `/api/vector_stores/${theirs.store}/golden_questions`
  const golden = await send('post', inTheirs, { questions }, all)
  foreign = {
    vector_store_id: theirs.store,
    file_id: theirs.file,
    response_id: response,
    answer_id: response,
    conversation_id: conversation,
    item_id: (JSON.parse(items.text) as { data: { id: string }[] }).data[0]?.id ?? '',
    batch_id: batch,
    golden_question_id: (JSON.parse(golden.text) as { data: { id: string }[] }).data[0]?.id ?? '',
    model: theirs.store,
  }
  await world().deps.database.transact(world().tenantId, (transaction) =>
    transaction.query(
      "insert into answer_traces (tenant_id, answer_id, created_at, trace) values ($1, $2, now(), '{}')",
      [world().tenantId, response],
    ),
  )
  key = await world().newKey(['ask', 'ingest', 'read'], { vectorStoreIds: [own.store] })
})

/** Ids of the same shape that belong to nothing. */
const absent = (id: string) => id.replace(/[0-9a-f]{8}$/, '00000000')

const BODIES: readonly ((id: (name: string) => string) => object)[] = [
  (id) => ({ file_id: id('file_id'), file_ids: [id('file_id')] }),
  (id) => ({ file_id: id('file_id') }),
  (id) => ({ file_ids: [id('file_id')] }),
  () => ({ attributes: { a: 1 } }),
  () => ({ metadata: { a: 'b' } }),
  () => ({ query: 'x' }),
  () => ({ questions: [{ question: 'x' }] }),
  () => ({ items: [{ role: 'user', content: 'x' }] }),
  (id) => ({ input: 'x', model: id('model') }),
  (id) => ({ input: 'x', previous_response_id: id('response_id') }),
  (id) => ({ input: 'x', conversation: id('conversation_id') }),
  (id) => ({
    input: 'x',
    tools: [{ type: 'file_search', vector_store_ids: [id('vector_store_id')] }],
  }),
  (id) => ({ model: id('model'), messages: [{ role: 'user', content: 'x' }] }),
]

test('what a limited key may not see answers like what is not there, in every route', async () => {
  const { paths } = (await world().app.inject('/openapi.json')).json<Document>()
  const attempts = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { security }]) => security?.length !== 0 && path !== '/v1/files')
      .flatMap(([method]) => attemptsAt(method, path).map((pair) => ({ method, pair }))),
  )
  const differing: string[] = []
  for (const { method, pair } of attempts) {
    const [one, other] = pair
    const seen = await send(method, one.path, one.body)
    const unknown = await send(method, other.path, other.body)
    const alike = seen.status === unknown.status && plain(seen.text) === plain(unknown.text)
    if (alike && !leaks(seen.text, one)) continue
    differing.push(`${method} ${one.path} ${JSON.stringify(one.body)}: ${seen.status} ${seen.text}`)
  }

  expect(attempts.length).toBeGreaterThan(200)
  expect(differing).toEqual([])
})

interface Attempt {
  readonly path: string
  readonly body: object | undefined
}

/** The path with foreign ids, with an own store and foreign rest, each without a body and with every body. */
function attemptsAt(method: string, path: string): readonly (readonly [Attempt, Attempt])[] {
  const deeper = /\{vector_store_id\}.*\{/.test(path)
  const stores = ['foreign', ...(deeper ? ['own'] : [])]
  const bodies = method === 'post' ? BODIES : [() => undefined]
  return stores.flatMap((store) =>
    bodies.map((body) => {
      const attempt = (id: (name: string) => string): Attempt => ({
        path: path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
          name === 'vector_store_id' && store === 'own' ? own.store : id(name),
        ),
        body: body(id),
      })
      return [
        attempt((name) => foreign[name] ?? 'x'),
        attempt((name) => absent(foreign[name] ?? 'x')),
      ] as const
    }),
  )
}

/** Without what is new in every answer, and with what was asked for spelled alike. */
function plain(text: string): string {
  const ids = Object.values(foreign).reduce((rest, id) => rest.replaceAll(absent(id), id), text)
  return ids
    .replaceAll(/(resp|msg|fs|conv|vsfb|vs)_[0-9a-f]{32}|chatcmpl-[0-9a-f]{32}/g, (id) =>
      Object.values(foreign).includes(id) ? id : 'new',
    )
    .replaceAll(/"(created_at|created|last_active_at|milliseconds|completed_at)":[\d.]+/g, '')
}

/** Foreign ids that the caller did not send. */
function leaks(text: string, { path, body }: Attempt): boolean {
  const sent = `${path} ${JSON.stringify(body)}`
  return Object.values(foreign).some((id) => id !== '' && text.includes(id) && !sent.includes(id))
}

test.each([
  '/v1/files',
  '/v1/vector_stores',
  '/v1/models',
  '/v1/files?purpose=assistants&order=asc',
])('%s lists nothing else', async (path) => {
  const { status, text } = await send('get', path)

  expect(status).toBe(200)
  expect(leaks(text, { path, body: undefined })).toBe(false)
  expect(text).toContain(path.includes('files') ? own.file : own.store)
})

test('a question that names no store looks in its own alone', async () => {
  world().searches.length = 0
  await send('post', '/v1/responses', { input: 'what is in theirs?' })
  await send('post', '/v1/chat/completions', {
    model: 'extractive',
    messages: [{ role: 'user', content: 'x' }],
  })
  const asked = world().answer.questions.slice(-2)

  expect(asked.map(({ vectorStoreIds }) => vectorStoreIds)).toEqual([[own.store], [own.store]])
})

const rpc = (method: string, params: object) => ({ jsonrpc: '2.0', id: 1, method, params })

test('an agent sees its stores alone', async () => {
  world().searches.length = 0
  world().found = [exampleChunk()]
  await send('post', '/mcp', rpc('tools/call', { name: 'search', arguments: { query: 'x' } }))
  const resources = await send('post', '/mcp', rpc('resources/list', {}))
  const read = (id: string) =>
    send('post', '/mcp', rpc('tools/call', { name: 'fetch', arguments: { id } }))
  const { vector_store_id: store = '', file_id: file = '' } = foreign
  const seen = await read(`${store}/${file}`)
  const unknown = await read(`${absent(store)}/${absent(file)}`)

  expect(world().searches.map(({ vectorStoreIds }) => vectorStoreIds)).toEqual([[own.store]])
  expect(resources.text).not.toContain(file)
  expect(plain(seen.text)).toBe(plain(unknown.text))
})

test('its own answers, traces and conversations are there for it', async () => {
  const response = idOf(await send('post', '/v1/responses', { input: 'ours?' }))
  const conversation = idOf(await send('post', '/v1/conversations', {}))
  const again = [`/v1/responses/${response}`, `/v1/conversations/${conversation}`]

  for (const path of again) expect((await send('get', path)).status).toBe(200)
})

test('another limited key sees none of them', async () => {
  const response = idOf(await send('post', '/v1/responses', { input: 'ours?' }))
  const other = await world().newKey(['ask'], { vectorStoreIds: [own.store] })

  expect((await send('get', `/v1/responses/${response}`, undefined, other)).status).toBe(404)
})

test('it makes no vector store, and is told why', async () => {
  expect(await send('post', '/v1/vector_stores', { name: 'new' })).toMatchObject({
    status: 403,
    text: expect.stringContaining('certain vector stores'),
  })
})

test('it adds what it uploads to its store, and takes it away again', async () => {
  const file = await upload('new', key)
  const added = await send('post', `/v1/vector_stores/${own.store}/files`, { file_id: file })
  const deleted = await send('delete', `/v1/files/${file}`)

  expect([added.status, deleted.status]).toEqual([200, 200])
})

test('it deletes no file that somebody else uploaded', async () => {
  const { status } = await send('delete', `/v1/files/${own.file}`)
  const kept = await send('get', `/v1/files/${own.file}/content`)

  expect([status, kept.status]).toEqual([403, 200])
})

test('what it deletes from its store stays where others need it', async () => {
  const shared = await upload('shared by both', world().key)
  for (const store of [own.store, foreign['vector_store_id'] ?? '']) {
    await send('post', `/v1/vector_stores/${store}/files`, { file_id: shared }, world().key)
    await world().index({ vectorStoreId: store, fileId: shared }, 'shared by both')
  }
  await send('delete', `/v1/vector_stores/${own.store}/files/${shared}`)
  const path = `/v1/vector_stores/${foreign['vector_store_id']}/files/${shared}/content`

  expect((await send('get', path, undefined, world().key)).text).toContain('shared by both')
})

test('an answer that another key was given is not given to it under the same idempotency key', async () => {
  const ask = (by: string) =>
    fetch(`${world().url}/v1/responses`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${by}`,
        'content-type': 'application/json',
        'idempotency-key': 'the-same',
      },
      body: JSON.stringify({ input: 'the same?' }),
    }).then((response) => response.json() as Promise<{ id: string }>)

  expect((await ask(key)).id).not.toBe((await ask(world().key)).id)
})
