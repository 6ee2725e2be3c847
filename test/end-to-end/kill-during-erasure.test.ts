import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startRagstone, type RagstoneProcess } from '../ragstone-process.ts'
import { BACKENDS } from '../storage/backends.ts'
import { addManyRows, contentOf, countsOf, tracesOf, within, type Place } from './erased-place.ts'
import { makeServerDatabase } from './served-backend.ts'

const KILLS = 5
const LEAST_IN_THE_MIDDLE = 3

interface Erasure {
  readonly status: string
  readonly before: { readonly rows: Record<string, number>; blobs: number; jobs: number } | null
  readonly after: { readonly rows: Record<string, number>; blobs: number; jobs: number } | null
}

interface Made {
  readonly id: string
  readonly name: string
  readonly key: string
  readonly storeId: string
}

test.each(BACKENDS)(
  'on %s, kill -9 at random moments of an erasure leaves nothing of the tenant, and all of the others',
  { timeout: 900_000 },
  async (kind) => {
    const directory = await mkdtemp(join(tmpdir(), 'ragstone-erase-'))
    const served = kind === 'postgres' ? await makeServerDatabase() : null
    const place: Place = { directory, url: served?.url ?? '' }
    const start = (key?: string) =>
      startRagstone({
        dataDirectory: directory,
        scopes: ['admin', 'operator'],
        environment: { DATABASE_URL: place.url },
        ...(key === undefined ? {} : { key }),
      })

    let ragstone = await start()
    const { key } = ragstone
    const doomed = await makeTenant(ragstone, 'doomed')
    const busy = await makeTenant(ragstone, 'busy')
    const neighbour = await makeTenant(ragstone, 'neighbour')
    for (const tenant of [doomed, neighbour]) await upload(ragstone, tenant, 8)
    for (const tenant of [doomed, neighbour]) await untilIndexed(ragstone, tenant)
    // These wait in the queue until the end.
    await upload(ragstone, doomed, 12)
    await call(ragstone, `/api/tenants/${doomed.id}/suspend`, {})
    await ragstone.stop()

    await within(place, (pool) => addManyRows(pool, doomed.id))
    const counted = await within(place, (pool) => countsOf(pool, doomed.id))
    const beside = await within(place, (pool) => contentOf(pool, neighbour.id))
    const blobs = await filesUnder(directory, doomed.id)
    const blobsBeside = await filesUnder(directory, neighbour.id)

    ragstone = await start(key)
    // Its jobs are being worked on when it is to go.
    await upload(ragstone, busy, 12)
    let inTheMiddle = 0
    for (const { id, name } of [doomed, busy]) {
      // Whoever asks may be gone before he hears anything.
      void call(ragstone, `/api/tenants/${id}/erase`, { confirm: name }).catch(() => undefined)
      await untilBegun(ragstone, id)
    }
    for (let kill = 0; kill < KILLS; kill += 1) {
      const knocking = knock(ragstone, doomed)
      if (kind === 'postgres') await untilLeased(place)
      await sleep(Math.random() * 1_200)
      await ragstone.kill()
      await knocking
      const left = await within(place, (pool) =>
        pool.query<{ erased_tenant_id: string }>(
          'select erased_tenant_id from tenant_erasures where finished_at is null',
        ),
      )
      if (left.rows.length > 0) inTheMiddle += 1
      ragstone = await start(key)
    }
    const certificate = await untilErased(ragstone, doomed.id)
    const second = await untilErased(ragstone, busy.id)
    const alive = await ragstone.client.models.list()
    await ragstone.stop()

    expect(inTheMiddle).toBeGreaterThanOrEqual(LEAST_IN_THE_MIDDLE)
    expect(alive.data.length).toBeGreaterThan(0)
    // What the log has more of was written between: knocks at the door, and their seals.
    const { audit_log, audit_chain, audit_heads, audit_queue, ...rows } =
      certificate.before?.rows ?? {}
    expect(rows).toEqual(counted)
    expect(audit_log).toBeGreaterThan(0)
    expect([audit_chain, audit_heads, audit_queue].every((count) => count !== undefined)).toBe(true)
    expect(certificate.before).toMatchObject({
      blobs: blobs.length,
      jobs: expect.any(Number) as number,
    })
    expect(certificate.before?.jobs).toBeGreaterThanOrEqual(12)
    for (const { after } of [certificate, second]) {
      expect(after).toMatchObject({ blobs: 0, jobs: 0 })
      expect(Object.values(after?.rows ?? { none: 1 }).every((count) => count === 0)).toBe(true)
    }
    for (const { id } of [doomed, busy]) {
      expect(await within(place, (pool) => tracesOf(pool, id))).toEqual([])
      expect(await filesUnder(directory, id)).toEqual([])
    }
    expect(await within(place, (pool) => contentOf(pool, neighbour.id))).toEqual(beside)
    expect(await filesUnder(directory, neighbour.id)).toEqual(blobsBeside)
    await served?.drop()
    await rm(directory, { recursive: true, force: true })
  },
)

async function call<Answer>(
  { url, key }: Pick<RagstoneProcess, 'key' | 'url'>,
  path: string,
  body?: object,
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? null : JSON.stringify(body),
  })
  const answer = (await response.json()) as Answer
  if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`)
  return answer
}

async function makeTenant(ragstone: RagstoneProcess, name: string): Promise<Made> {
  const body = { name, tier: 'enterprise' }
  const { id, key } = await call<{ id: string; key: string }>(ragstone, '/api/tenants', body)
  const as = { url: ragstone.url, key }
  const store = await call<{ id: string }>(as, '/v1/vector_stores', { name })
  const item = { type: 'message', role: 'user', content: `What of ${name}?` }
  await call(as, '/v1/conversations', { items: [item] })
  return { id, name, key, storeId: store.id }
}

let written = 0

async function upload({ url }: RagstoneProcess, tenant: Made, files: number): Promise<void> {
  for (let file = 0; file < files; file += 1) {
    written += 1
    const lines = Array.from(
      { length: 40 },
      (_, line) => `Sentence ${line} of file ${written} speaks of ${tenant.name} and its weather.`,
    )
    const form = new FormData()
    form.set('purpose', 'assistants')
    form.set('file', new Blob([lines.join('\n\n')]), `${written}.txt`)
    const headers = { authorization: `Bearer ${tenant.key}` }
    const response = await fetch(`${url}/v1/files`, { method: 'POST', headers, body: form })
    const { id } = (await response.json()) as { readonly id: string }
    const inStore = `/v1/vector_stores/${tenant.storeId}/files`
    await call({ url, key: tenant.key }, inStore, { file_id: id })
  }
}

async function untilIndexed({ url }: RagstoneProcess, { key, storeId }: Made): Promise<void> {
  for (;;) {
    const { file_counts } = await call<{ file_counts: { in_progress: number } }>(
      { url, key },
      `/v1/vector_stores/${storeId}`,
    )
    if (file_counts.in_progress === 0) return
    await sleep(200)
  }
}

async function untilBegun(ragstone: RagstoneProcess, id: string): Promise<void> {
  for (;;) {
    const begun = await call(ragstone, `/api/tenants/${id}/erasure`).catch(() => null)
    if (begun !== null) return
    await sleep(20)
  }
}

async function untilErased(ragstone: RagstoneProcess, id: string): Promise<Erasure> {
  for (;;) {
    const erasure = await call<Erasure>(ragstone, `/api/tenants/${id}/erasure`)
    if (erasure.status === 'completed') return erasure
    await sleep(200)
  }
}

/** The tenant's own programs know nothing of its end: they go on asking. */
async function knock({ url }: RagstoneProcess, { key, storeId }: Made): Promise<void> {
  for (;;) {
    const headers = { authorization: `Bearer ${key}` }
    const store = `${url}/v1/vector_stores/${storeId}`
    const answers = [fetch(store, { headers }), fetch(store, { method: 'DELETE', headers })]
    const settled = await Promise.allSettled(answers)
    if (settled.some(({ status }) => status === 'rejected')) return
    await sleep(20)
  }
}

/** Until a server has taken up what the one before it left. */
async function untilLeased(place: Place): Promise<void> {
  await within(place, async (pool) => {
    for (;;) {
      const { rows } = await pool.query(
        'select from tenant_erasures where finished_at is null and leased_until > now()',
      )
      const { rows: all } = await pool.query(
        'select from tenant_erasures where finished_at is null',
      )
      if (rows.length > 0 || all.length === 0) return
      await sleep(50)
    }
  })
}

async function filesUnder(directory: string, tenantId: string): Promise<readonly string[]> {
  const folder = join(directory, 'blobs', tenantId)
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .toSorted()
}
