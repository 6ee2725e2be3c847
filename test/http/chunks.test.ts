import { toFile } from 'openai'
import { expect, test } from 'vitest'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()

const call = async (path: string, body?: object, key = world().key) => {
  const answer = await fetch(`${world().url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

async function indexed(text = 'The notice period is sixty days.') {
  const { client } = world()
  const file = await client.files.create({
    file: await toFile(Buffer.from(text), 'handbook.txt'),
    purpose: 'assistants',
  })
  const store = await client.vectorStores.create({})
  await client.vectorStores.files.create(store.id, { file_id: file.id })
  await world().index({ vectorStoreId: store.id, fileId: file.id }, text)
  const list = `/api/vector_stores/${store.id}/files/${file.id}/chunks`
  const { body } = await call(list)
  const [chunk] = body['data'] as readonly { readonly id: string }[]
  return { list, id: chunk?.id ?? '', storeId: store.id, fileId: file.id }
}

test('the chunks of a document are listed with their place', async () => {
  const { list, fileId, storeId } = await indexed()
  const { body } = await call(list)

  expect(body).toMatchObject({
    object: 'list',
    has_more: false,
    data: [
      {
        object: 'vector_store.chunk',
        file_id: fileId,
        vector_store_id: storeId,
        ordinal: 0,
        start: 0,
        end: 32,
        enabled: true,
        edited: false,
        origin_text: null,
      },
    ],
  })
})

test('an edited chunk says so, and what the document says', async () => {
  const { id } = await indexed()
  const { body } = await call(`/api/chunks/${id}`, { text: 'Sixty days of notice.' })

  expect(body).toMatchObject({
    text: 'Sixty days of notice.',
    edited: true,
    origin_text: 'The notice period is sixty days.',
    start: 0,
    end: 32,
  })
  expect((await call(`/api/chunks/${id}`)).body).toMatchObject({ edited: true, before: [] })
})

test('a chunk is disabled and enabled', async () => {
  const { id } = await indexed()

  expect((await call(`/api/chunks/${id}`, { enabled: false })).body).toMatchObject({
    enabled: false,
    disabled_at: expect.any(Number) as unknown,
  })
  expect((await call(`/api/chunks/${id}`, { enabled: true })).body).toMatchObject({
    enabled: true,
    disabled_at: null,
  })
})

test('a chunk that no answer has cited has none', async () => {
  const { id } = await indexed()

  expect((await call(`/api/chunks/${id}/answers`)).body).toMatchObject({ data: [] })
})

test.each(['nothing', '999999999', '0'])('chunk %s is not found', async (id) => {
  for (const path of [`/api/chunks/${id}`, `/api/chunks/${id}/answers`])
    expect((await call(path)).status).toBe(404)
  expect((await call(`/api/chunks/${id}`, { enabled: false })).status).toBe(404)
})

test('another tenant’s chunk is not found', async () => {
  const { id } = await indexed()
  const stranger = await world().newTenantKey()

  expect((await call(`/api/chunks/${id}`, undefined, stranger)).status).toBe(404)
  expect((await call(`/api/chunks/${id}`, { enabled: false }, stranger)).status).toBe(404)
})

test('a key for other stores sees and changes none of it', async () => {
  const { id } = await indexed()
  const other = await indexed()
  const key = await world().newKey(['ingest', 'read'], { vectorStoreIds: [other.storeId] })

  expect((await call(`/api/chunks/${id}`, undefined, key)).status).toBe(404)
  expect((await call(`/api/chunks/${id}`, { enabled: false }, key)).status).toBe(404)
  expect((await call(`/api/chunks/${other.id}`, { enabled: false }, key)).status).toBe(200)
})

test('who may only read and ask does not see chunks', async () => {
  const { id, list } = await indexed()
  const key = await world().newKey(['read', 'ask'])

  expect([
    (await call(`/api/chunks/${id}`, undefined, key)).status,
    (await call(list, undefined, key)).status,
    (await call(`/api/chunks/${id}`, { enabled: false }, key)).status,
  ]).toEqual([403, 403, 403])
})

test('a change without anything to change is refused', async () => {
  const { id } = await indexed()

  expect((await call(`/api/chunks/${id}`, {})).status).toBe(400)
  expect((await call(`/api/chunks/${id}`, { text: '' })).status).toBe(400)
})

test('a change is in the audit log, without its words', async () => {
  const { id, fileId } = await indexed()
  await call(`/api/chunks/${id}`, { text: 'Sixty secret days.' })
  const { deps, tenantId } = world()
  await deps.audit.notes.flush()
  const rows = await deps.database.transact(tenantId, (within) =>
    within.query<{ action: string; target: string; detail: object }>(
      `select action, target, detail from audit_log where tenant_id = $1 and target = $2 and action like 'chunk%'`,
      [tenantId, id],
    ),
  )

  expect(rows).toMatchObject([
    { action: 'chunk.update', target: id, detail: { file_id: fileId, text: 'edited' } },
  ])
  expect(JSON.stringify(rows)).not.toContain('secret')
})
