import { expect, test } from 'vitest'
import { createNoteQuestion } from '../../src/http/note-questions.ts'
import { EXAMPLE_CALLER } from '../example-principal.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()

interface Entry {
  readonly id: string
  readonly action: string
  readonly actor: { readonly kind: string; readonly id: string | null }
  readonly target: string | null
  readonly outcome: string
  readonly request_id: string | null
  readonly address: string | null
  readonly detail: Readonly<Record<string, unknown>>
  readonly position: number | null
  readonly hash: string | null
}

const call = async (path: string, init: RequestInit = {}, key = world().key) => {
  const response = await fetch(`${world().url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${key}`, ...Object(init.headers) },
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}
const post = (path: string, body: unknown, key?: string) =>
  call(
    path,
    { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } },
    key,
  )
const entries = async (query: Readonly<Record<string, string>>) => {
  const { body } = await call(`/api/audit?${new URLSearchParams(query).toString()}`)
  return (body as { data: readonly Entry[] }).data
}

test('what was done is in the log, with who, from where and by which request', async () => {
  const { headers, body } = await post('/v1/vector_stores', { name: 'papers' })
  const id = (body as { id: string }).id
  const [entry, ...others] = await entries({ target: id })

  expect(others).toEqual([])
  expect(entry).toMatchObject({
    action: 'vector_store.create',
    actor: { kind: 'key', id: expect.stringMatching(/^key_/) },
    outcome: 'done',
    request_id: headers.get('x-request-id'),
    address: '127.0.0.1',
    detail: { name: 'papers' },
  })
})

test('an upload is one entry, with the name of the file', async () => {
  const file = await world().client.files.create({
    file: new File(['hello'], 'hello.txt'),
    purpose: 'assistants',
  })

  expect(await entries({ target: file.id })).toMatchObject([
    { action: 'file.create', outcome: 'done', detail: { filename: 'hello.txt', bytes: 5 } },
  ])
})

test('what was not there to be deleted is noted as failed, and not as done', async () => {
  await call('/v1/files/file-none', { method: 'DELETE' })

  expect(await entries({ target: 'file-none' })).toMatchObject([
    { action: 'file.delete', outcome: 'failed', detail: { code: 'not_found' } },
  ])
})

test('the answer given again for an idempotency key is no second deed', async () => {
  const send = () =>
    call('/v1/vector_stores', {
      method: 'POST',
      body: '{"name":"once"}',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'once' },
    })
  const first = await send()
  await send()
  const noted = await entries({ action: 'vector_store.create', limit: '1000' })

  expect(
    noted.filter(({ request_id: id }) => id === first.headers.get('x-request-id')),
  ).toHaveLength(1)
  expect(noted.filter(({ detail }) => detail['name'] === 'once')).toHaveLength(1)
})

test('a search is noted, without its words', async () => {
  const store = await world().client.vectorStores.create({})
  const { headers } = await post(`/v1/vector_stores/${store.id}/search`, { query: 'secret words' })
  const found = await entries({ request_id: headers.get('x-request-id') ?? '' })

  expect(found).toMatchObject([{ action: 'question.search', outcome: 'done' }])
  expect(JSON.stringify(found)).not.toContain('secret words')
})

test('a refusal for lack of rights is noted in the log of the tenant', async () => {
  const key = await world().newKey(['read'])
  const { headers } = await post('/v1/vector_stores', {}, key)

  expect(await entries({ request_id: headers.get('x-request-id') ?? '' })).toMatchObject([
    { action: 'vector_store.create', outcome: 'refused', detail: { code: 'missing_scope' } },
  ])
})

test('a flood of the same refusal is one entry at once, and one that counts the others', async () => {
  const key = await world().newKey(['read'])
  for (let turn = 0; turn < 20; turn += 1) await post('/v1/conversations', {}, key)

  const before = await entries({ action: 'conversation.create', outcome: 'refused' })
  await world().deps.audit.notes.close()
  const after = await entries({ action: 'conversation.create', outcome: 'refused' })

  expect([before.length, after.length, after[0]?.detail['times']]).toEqual([1, 2, 19])
})

test('credentials that nobody knows are noted in the log of the server', async () => {
  const { url, deps } = world()
  const response = await fetch(`${url}/v1/models`, { headers: { authorization: 'Bearer wrong' } })
  const requestId = response.headers.get('x-request-id')
  await deps.audit.notes.flush()
  const records = await deps.database.transact('server', (transaction) =>
    deps.audit.records.list(
      transaction,
      { after: null, before: null, limit: 100, order: 'desc' },
      {
        action: 'credentials.refuse',
        actorId: null,
        target: null,
        outcome: null,
        requestId,
        address: null,
        since: null,
        until: null,
      },
    ),
  )

  expect(records).toMatchObject([
    {
      actor: { kind: 'anonymous', id: null },
      outcome: 'refused',
      detail: { route: 'GET /v1/models' },
    },
  ])
})

test("the server's log is for operators", async () => {
  expect((await call('/api/audit?log=server')).status).toBe(403)
  const operator = await world().newKey(['operator', 'admin'])
  expect((await call('/api/audit?log=server', {}, operator)).status).toBe(200)
})

test('reading the log is noted once, however many pages it has', async () => {
  await post('/v1/vector_stores', {})
  const count = async () => (await entries({ action: 'audit.read', limit: '1000' })).length
  const before = await count()
  let after: string | undefined
  for (let pages = 0; pages < 3; pages += 1) {
    const query = new URLSearchParams({ limit: '1', ...(after === undefined ? {} : { after }) })
    const { body } = await call(`/api/audit?${query.toString()}`)
    after = (body as { last_id: string }).last_id
  }

  // The two counts themselves are readings too.
  expect((await count()) - before).toBe(2)
})

test('the chain is whole, and says how far it goes', async () => {
  await post('/v1/vector_stores', {})
  await world().sealAudit()
  const { body } = await call('/api/audit/verification')

  expect(body).toMatchObject({
    ok: true,
    problems: [],
    head: { hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
  })
})

test('a hash that was never there is missed', async () => {
  const { body } = await call(`/api/audit/verification?expect=${'0'.repeat(64)}`)

  expect(body).toMatchObject({ ok: false, problems: [{ kind: 'unexpected' }] })
})

test('the words of a question are kept where the tenant wants it, and nowhere else', async () => {
  const { deps } = world()
  const details: unknown[] = []
  for (const auditQuestions of [false, true]) {
    const note = createNoteQuestion({
      auditLog: { append: async (_transaction, { detail }) => void details.push(detail) },
      tenantDirectory: {
        requireActive: async (id) => ({
          ...(await deps.tenantDirectory.requireActive(world().tenantId)),
          id,
          settings: { auditQuestions },
        }),
      },
    })
    const write = await note('ten_1', {
      answerId: 'resp_1',
      caller: EXAMPLE_CALLER,
      question: 'Why?',
      vectorStoreIds: ['vs_1'],
      model: 'extractive',
      outcome: 'abstained',
    })
    await deps.database.transact(world().tenantId, write)
  }

  expect(details).toEqual([
    { result: 'abstained', model: 'extractive', vector_store_ids: ['vs_1'] },
    { result: 'abstained', model: 'extractive', vector_store_ids: ['vs_1'], question: 'Why?' },
  ])
})
