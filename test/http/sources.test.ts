import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { Scope } from '../../src/core/principal.ts'
import { createId } from '../../src/core/id.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld('pglite', { jobs: true })
let folder = ''
let storeId = ''

beforeAll(async () => {
  folder = join(world().folder, 'sources', 'papers')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'a.txt'), 'a')
  storeId = (await world().client.vectorStores.create({ name: 'papers' })).id
})

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>> & { readonly id: string }
}

async function call(
  method: string,
  path: string,
  { body, key = world().key }: { readonly body?: object; readonly key?: string } = {},
): Promise<Answer> {
  const answer = await world().app.inject({
    method: method as 'GET',
    url: path,
    headers: { authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { payload: body }),
  })
  return { status: answer.statusCode, body: answer.json<Answer['body']>() }
}

const wish = (fields: object = {}) => ({
  vector_store_id: storeId,
  name: 'papers',
  kind: 'folder',
  settings: { path: folder },
  ...fields,
})
const make = (fields: object = {}) => call('POST', '/api/sources', { body: wish(fields) })

test('a source is made, read, listed, changed and deleted', async () => {
  const made = await make({ schedule: { type: 'interval', every_seconds: 3600 } })
  expect(made).toMatchObject({
    status: 200,
    body: {
      object: 'source',
      vector_store_id: storeId,
      kind: 'folder',
      settings: { path: folder },
      has_credentials: false,
      delete_share: 0.5,
      watched: true,
      status: 'active',
      documents: 0,
      last_sync: null,
      next_sync_at: expect.any(Number),
    },
  })
  const one = `/api/sources/${made.body.id}`
  expect((await call('GET', one)).body).toEqual(made.body)
  const listed = await call('GET', `/api/sources?vector_store_id=${storeId}&kind=folder`)
  expect(listed.body['data']).toContainEqual(made.body)
  const body = {
    name: 'minutes',
    schedule: { type: 'cron', cron: '0 3 * * *', time_zone: 'Europe/Zurich' },
    settings: { path: folder, watch: false },
  }
  expect((await call('POST', one, { body })).body).toMatchObject({ ...body, watched: false })
  expect((await call('DELETE', one)).body).toEqual({
    id: made.body.id,
    object: 'source.deleted',
    deleted: true,
  })
  expect((await call('GET', one)).status).toBe(404)
})

test('the kinds are told, with their schemas', async () => {
  const { body } = await call('GET', '/api/source_kinds')

  expect(body['data']).toContainEqual(
    expect.objectContaining({
      id: 'folder',
      settings: expect.objectContaining({ type: 'object', additionalProperties: false }),
      credentials: null,
    }),
  )
})

test.each([
  [{ kind: 'moon' }, 'kind'],
  [{ settings: {} }, 'settings.path'],
  [{ settings: { path: '/srv', colour: 'red' } }, 'settings.colour'],
  [{ settings: { path: '/etc' } }, 'settings'],
  [{ credentials: { password: 'x' } }, 'credentials'],
  [{ kind: 'fake', settings: {}, credentials: { word: 'x' } }, 'credentials'],
  [{ schedule: { type: 'interval', every_seconds: 5 } }, 'schedule'],
  [{ schedule: { type: 'cron', cron: 'daily', time_zone: 'UTC' } }, 'schedule'],
  [{ delete_share: 2 }, 'delete_share'],
])('%j is refused by name', async (fields, param) => {
  const { status, body } = await make(fields)

  expect(status).toBe(400)
  expect((body['error'] as { param: string }).param.startsWith(param.split('.')[0] ?? '')).toBe(
    true,
  )
})

test('a source of a store that there is not is 404', async () => {
  expect((await make({ vector_store_id: createId('vs_') })).status).toBe(404)
})

test('credentials are taken and never given back', async () => {
  const credentials = { password: 'violet anchor soup' }
  const made = await make({ kind: 'fake', settings: {}, credentials })
  const one = await call('GET', `/api/sources/${made.body.id}`)
  const rows = await world().backend.pool.query('select current_user')

  expect(one.body).toMatchObject({ has_credentials: true })
  expect(JSON.stringify([made, one])).not.toContain('violet')
  expect(rows.rows).toHaveLength(1)
  const kept = await world().deps.database.transact(world().tenantId, (within) =>
    within.query<{ credentials: string }>(
      'select credentials from sources where tenant_id = $1 and id = $2',
      [world().tenantId, made.body.id],
    ),
  )
  expect(kept[0]?.credentials).toBeTruthy()
  expect(kept[0]?.credentials).not.toContain('violet')
})

test('a sync is queued as a job that tells its source, once as long as it waits', async () => {
  const made = await make({ settings: { path: folder, watch: false } })
  const syncs = `/api/sources/${made.body.id}/syncs`
  const first = await call('POST', syncs, { body: {} })
  const second = await call('POST', syncs, { body: {} })

  expect(first.body).toMatchObject({
    object: 'source.sync',
    status: 'queued',
    trigger: 'person',
    dry_run: false,
    whole: true,
    estimate: null,
  })
  expect(second.body.id).toBe(first.body.id)
  const jobs = await call('GET', '/api/jobs?kind=sync-source')
  expect(jobs.body['data']).toContainEqual(
    expect.objectContaining({
      kind: 'sync-source',
      status: 'queued',
      priority: 'sync',
      source_id: made.body.id,
      sync_id: first.body.id,
      sync: expect.objectContaining({ source_name: 'papers', listed: 0 }),
    }),
  )
  expect((await call('GET', `${syncs}/${first.body.id}`)).body).toEqual(first.body)
  expect((await call('GET', syncs)).body).toMatchObject({ data: [first.body], has_more: false })
  expect((await call('GET', `${syncs}/${first.body.id}/documents`)).body).toMatchObject({
    object: 'list',
    data: [],
  })
})

test('cancelling the job cancels the sync, and replaying it queues the sync again', async () => {
  const made = await make({ settings: { path: folder, watch: false } })
  const syncs = `/api/sources/${made.body.id}/syncs`
  const { id } = (await call('POST', syncs, { body: {} })).body
  const { body } = await call('GET', '/api/jobs?kind=sync-source&status=queued')
  const job = (body['data'] as { id: string; sync_id: string }[]).find(
    ({ sync_id: syncId }) => syncId === id,
  )
  await call('POST', `/api/jobs/${job?.id}/cancel`)
  expect((await call('GET', `${syncs}/${id}`)).body).toMatchObject({ status: 'cancelled' })
  expect((await call('POST', `/api/jobs/${job?.id}/replay`)).status).toBe(200)
  expect((await call('GET', `${syncs}/${id}`)).body).toMatchObject({ status: 'queued' })
})

test('a source is paused and resumed', async () => {
  const schedule = { type: 'interval', every_seconds: 3600 }
  const one = `/api/sources/${(await make({ schedule })).body.id}`

  expect((await call('POST', `${one}/pause`)).body).toMatchObject({
    status: 'paused',
    next_sync_at: null,
  })
  expect((await call('POST', `${one}/resume`)).body).toMatchObject({
    status: 'active',
    next_sync_at: expect.any(Number),
  })
})

test('a sync that is not held cannot be confirmed', async () => {
  const made = await make({ settings: { path: folder, watch: false } })
  const syncs = `/api/sources/${made.body.id}/syncs`
  const { id } = (await call('POST', syncs, { body: {} })).body

  expect((await call('POST', `${syncs}/${id}/confirm`)).status).toBe(409)
})

test.each([
  ['GET', '/api/sources', ['read'], 200],
  ['GET', '/api/sources', ['ask'], 403],
  ['POST', '/api/sources', ['read'], 403],
  ['POST', '/api/sources/src_1/syncs', ['read'], 403],
  ['POST', '/api/sources/src_1/pause', ['read'], 403],
  ['DELETE', '/api/sources/src_1', ['read'], 403],
  ['POST', '/api/sources/src_1/syncs/sync_1/confirm', ['read'], 403],
  ['DELETE', '/api/sources/src_1', ['ingest'], 404],
  ['POST', '/api/sources/src_1/syncs/sync_1/confirm', ['ingest'], 404],
])('%s %s with %j is answered %i', async (...[method, path, scopes, status]) => {
  const key = await world().newKey(scopes as Scope[])
  const body = method === 'POST' ? (path === '/api/sources' ? wish() : {}) : undefined
  const { status: told } = await call(method, path, {
    key,
    ...(body === undefined || /pause|confirm/.test(path) ? {} : { body }),
  })

  expect(told).toBe(status)
})

test('a key for another store sees nothing of it', async () => {
  const other = (await world().client.vectorStores.create({ name: 'other' })).id
  const key = await world().newKey(['ingest', 'read'], { vectorStoreIds: [other] })
  const made = await make()
  const one = `/api/sources/${made.body.id}`

  expect((await call('GET', one, { key })).status).toBe(404)
  expect((await call('GET', '/api/sources', { key })).body['data']).toEqual([])
  expect((await call('POST', `${one}/syncs`, { key, body: {} })).status).toBe(404)
  expect((await call('DELETE', one, { key })).status).toBe(404)
  expect((await call('POST', '/api/sources', { key, body: wish() })).status).toBeGreaterThan(399)
})

test('what is done to sources is in the audit log', async () => {
  const made = await make()
  const one = `/api/sources/${made.body.id}`
  await call('POST', `${one}/pause`)
  await call('POST', `${one}/syncs`, { body: {} })
  await call('DELETE', `${one}?documents=remove`)
  await world().deps.audit.notes.flush()
  const { body } = await call('GET', '/api/audit?action=source.*&limit=100')
  const entries = body['data'] as { action: string; target: string }[]

  expect(
    entries.filter(({ target }) => target === made.body.id).map(({ action }) => action),
  ).toEqual(expect.arrayContaining(['source.create', 'source.pause', 'source.delete']))
  expect(JSON.stringify(entries)).not.toContain('violet')
})
