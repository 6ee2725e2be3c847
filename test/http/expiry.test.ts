import { setTimeout as delay } from 'node:timers/promises'
import { toFile } from 'openai'
import { expect, test } from 'vitest'
import { sweepExpired } from '../../src/jobs/sweep-expired.ts'
import { createInvitations } from '../../src/storage/invitations.ts'
import { plainAnswer } from './fake-answer.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()
const sql = (text: string, values: readonly unknown[]) =>
  world().deps.database.transact(world().tenantId, (within) =>
    within.query<Record<string, string>>(text, values),
  )
const newStore = async () =>
  (
    await world().client.vectorStores.create({
      name: 'brief',
      expires_after: { anchor: 'last_active_at', days: 1 },
    })
  ).id
const lastActive = async (id: string, ago: string) =>
  sql('update vector_stores set last_active_at = now() - $2::interval where id = $1', [id, ago])
let files = 0
const newFile = async () =>
  (
    await world().client.files.create({
      file: await toFile(Buffer.from(`text ${(files += 1)}`), 'a.txt'),
      purpose: 'assistants',
      expires_after: { anchor: 'created_at', seconds: 3_600 },
    })
  ).id
const expireFile = (id: string) =>
  sql(`update files set expires_at = now() - interval '1 second' where id = $1`, [id])
const sweep = () =>
  sweepExpired(
    {
      ...world().deps,
      invitations: createInvitations(),
      tenants: { list: async () => [{ id: world().tenantId }] },
    },
    new AbortController().signal,
  )
const listed = async (page: AsyncIterable<{ readonly id: string }>) => {
  const ids: string[] = []
  for await (const { id } of page) ids.push(id)
  return ids
}

test('an expired store is in no list, and is swept away', async () => {
  const [expired, alive] = [await newStore(), await newStore()]
  await lastActive(expired, '2 days')
  const { vectorStores } = world().client

  const ids = await listed(vectorStores.list())
  expect(ids).toContain(alive)
  expect(ids).not.toContain(expired)
  await sweep()
  await expect(vectorStores.retrieve(expired)).rejects.toMatchObject({ status: 404 })
  expect((await vectorStores.retrieve(alive)).status).toBe('completed')
})

test('an expired file is in no list, and is swept away with its bytes and its documents', async () => {
  const [expired, alive, storeId] = [await newFile(), await newFile(), await newStore()]
  const { client, deps, tenantId } = world()
  await client.vectorStores.files.create(storeId, { file_id: expired })
  const [row] = await sql('select sha256 from files where id = $1', [expired])
  await expireFile(expired)

  const ids = await listed(client.files.list())
  expect(ids).toContain(alive)
  expect(ids).not.toContain(expired)
  expect((await client.vectorStores.files.list(storeId)).data).toEqual([])
  await sweep()
  expect(await sql('select id from files where id = $1', [expired])).toEqual([])
  expect((await client.vectorStores.retrieve(storeId)).file_counts.total).toBe(0)
  expect(await deps.blobs.get(tenantId, row?.['sha256'] ?? '')).toBeNull()
})

test('an expired file cannot be added to a store', async () => {
  const [fileId, storeId] = [await newFile(), await newStore()]
  await expireFile(fileId)

  await expect(
    world().client.vectorStores.files.create(storeId, { file_id: fileId }),
  ).rejects.toMatchObject({ status: 404 })
})

test('a sweep deletes answers kept for longer than a day', async () => {
  const { conversations } = world().client
  await conversations.create({}, { headers: { 'Idempotency-Key': 'old' } })
  await sql(`update idempotency_keys set created_at = now() - interval '25 hours' where key = $1`, [
    'old',
  ])
  await sweep()

  expect(await sql('select key from idempotency_keys where key = $1', ['old'])).toEqual([])
})

test.each(['search', 'answer'])('a store that is used by a %s lives on', async (use) => {
  const storeId = await newStore()
  await lastActive(storeId, '23 hours')
  const { client } = world()
  const before = (await client.vectorStores.retrieve(storeId)).last_active_at ?? 0
  world().answer.script(plainAnswer())
  if (use === 'search') await client.vectorStores.search(storeId, { query: 'x' })
  else {
    await client.responses.create({
      input: 'x',
      tools: [{ type: 'file_search', vector_store_ids: [storeId] }],
    })
  }
  const since = async () =>
    ((await client.vectorStores.retrieve(storeId)).last_active_at ?? 0) - before
  for (let look = 0; look < 50 && (await since()) === 0; look += 1) await delay(50)

  expect(await since()).toBeGreaterThan(3_600)
})

const ask = async (path: string, body?: object) => {
  const response = await fetch(`${world().url}${path}`, {
    headers: { authorization: `Bearer ${world().key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  })
  return (await response.json()) as {
    readonly id: string
    readonly data: readonly { readonly action: string }[]
  }
}
const entriesOf = async (target: string) =>
  (await ask(`/api/audit?target=${target}`)).data.filter(({ action }) => action.endsWith('.expire'))
const expire = (table: string, id: string, ago: string) =>
  sql(`update ${table} set expires_at = now() - $2::interval where id = $1`, [id, ago])
const entry = (action: string, target: string) =>
  expect.objectContaining({
    action,
    target,
    outcome: 'done',
    actor: { kind: 'system', id: null },
    address: null,
    request_id: null,
  })

test('what expired by itself is in the audit log, once', async () => {
  const [file, store] = [await newFile(), await newStore()]
  const { id: key } = await ask('/api/keys', { name: 'brief', scopes: ['read'] })
  const invited = { email: 'brief@campus.example', role: 'member' }
  const { id: invitation } = await ask('/api/invitations', invited)
  await expireFile(file)
  await lastActive(store, '2 days')
  await expire('api_keys', key, '1 second')
  await expire('invitations', invitation, '1 second')
  await sweep()
  await sweep()

  expect(await entriesOf(file)).toEqual([entry('file.expire', file)])
  expect(await entriesOf(store)).toEqual([entry('vector_store.expire', store)])
  expect(await entriesOf(key)).toEqual([entry('api_key.expire', key)])
  expect(await entriesOf(invitation)).toEqual([entry('invitation.expire', invitation)])
})

test('a key that is prolonged and expires again is noted again', async () => {
  const { id: key } = await ask('/api/keys', { name: 'twice', scopes: ['read'] })
  for (const ago of ['1 hour', '0 seconds']) {
    await expire('api_keys', key, ago)
    await sweep()
  }

  expect(await entriesOf(key)).toHaveLength(2)
})

test('an invitation that nobody took is forgotten after a month', async () => {
  const invited = { email: 'late@campus.example', role: 'member' }
  const { id } = await ask('/api/invitations', invited)
  await expire('invitations', id, '31 days')
  await sweep()

  expect(await sql('select id from invitations where id = $1', [id])).toEqual([])
})
