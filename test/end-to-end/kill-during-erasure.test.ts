import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { startRagstone, type RagstoneProcess } from '../ragstone-process.ts'
import { BACKENDS } from '../storage/backends.ts'
import {
  addManyRows,
  contentOf,
  countsOf,
  tracesOf,
  within,
  type Place,
  type Pool,
} from './erased-place.ts'
import { makeServerDatabase } from './served-backend.ts'

const KILLS = 5
const LEAST_IN_THE_MIDDLE = 3
const WAITING = 12

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

/** What was seen of one run, over a server that was killed again and again. */
interface Seen {
  readonly inTheMiddle: number
  readonly counted: Readonly<Record<string, number>>
  readonly blobs: number
  readonly certificates: readonly Erasure[]
  readonly traces: readonly string[]
  readonly files: readonly string[]
  readonly beside: readonly [before: unknown, after: unknown]
}

describe.each(BACKENDS)('An erasure on %s whose server is killed at random moments', (kind) => {
  let seen: Seen

  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ragstone-erase-'))
    const served = kind === 'postgres' ? await makeServerDatabase() : null
    try {
      seen = await eraseAndKill({ directory, url: served?.url ?? '' })
    } finally {
      await served?.drop()
      await rm(directory, { recursive: true, force: true })
    }
  }, 900_000)

  test('was under way when it was killed', () => {
    expect(seen.inTheMiddle).toBeGreaterThanOrEqual(LEAST_IN_THE_MIDDLE)
  })

  test('ends by itself, and certifies what there was at first', () => {
    const [{ before } = { before: null }] = seen.certificates
    // Of the log there is more: knocks at the door, and their seals.
    const rows = Object.entries(before?.rows ?? {}).filter(([name]) => !name.startsWith('audit_'))

    expect(Object.fromEntries(rows)).toEqual(seen.counted)
    expect(before?.rows['audit_log']).toBeGreaterThan(0)
    expect(before?.blobs).toBe(seen.blobs)
    expect(before?.jobs).toBeGreaterThanOrEqual(WAITING)
  })

  test('certifies that nothing is left', () => {
    for (const { after } of seen.certificates) {
      expect(after).toMatchObject({ blobs: 0, jobs: 0 })
      expect(Object.values(after?.rows ?? { none: 1 }).every((count) => count === 0)).toBe(true)
    }
  })

  test('leaves nothing in any table, nor in the folder of blobs', () => {
    expect(seen.traces).toEqual([])
    expect(seen.files).toEqual([])
  })

  test('leaves everything of another tenant as it was', () => {
    const [before, after] = seen.beside
    expect(after).toEqual(before)
  })
})

async function eraseAndKill(place: Place): Promise<Seen> {
  const start = (key?: string) =>
    startRagstone({
      dataDirectory: place.directory,
      scopes: ['admin', 'operator'],
      environment: { DATABASE_URL: place.url },
      ...(key === undefined ? {} : { key }),
    })
  let ragstone = await start()
  const { key } = ragstone
  const { doomed, busy, neighbour } = await settle(ragstone)
  await ragstone.stop()
  const beside = async () => [
    await within(place, (pool) => contentOf(pool, neighbour.id)),
    await filesUnder(place.directory, neighbour.id),
  ]
  await within(place, (pool) => addManyRows(pool, doomed.id))
  const counted = await within(place, (pool) => countsOf(pool, doomed.id))
  const besideBefore = await beside()
  const blobs = (await filesUnder(place.directory, doomed.id)).length

  ragstone = await start(key)
  // Its jobs are being worked on when it is to go.
  await upload(ragstone, busy, WAITING)
  let knocking = knock(ragstone, [doomed, busy])
  for (const tenant of [doomed, busy]) await beginErasing(ragstone, tenant)
  let inTheMiddle = 0
  for (let kill = 0; kill < KILLS; kill += 1) {
    if (place.url !== '') await untilLeased(place)
    await sleep(Math.random() * 1_200)
    await ragstone.kill()
    await knocking
    if ((await within(place, unfinishedIn)) > 0) inTheMiddle += 1
    ragstone = await start(key)
    knocking = knock(ragstone, [doomed, busy])
  }
  const certificates = [
    await untilErased(ragstone, doomed.id),
    await untilErased(ragstone, busy.id),
  ]
  await ragstone.stop()
  await knocking
  const left = await Promise.all([doomed, busy].map(({ id }) => filesUnder(place.directory, id)))
  return {
    inTheMiddle,
    counted,
    blobs,
    certificates,
    traces: [
      ...(await within(place, (pool) => tracesOf(pool, doomed.id))),
      ...(await within(place, (pool) => tracesOf(pool, busy.id))),
    ],
    files: left.flat(),
    beside: [besideBefore, await beside()],
  }
}

/** Three tenants; of one, jobs wait in the queue until the end. */
async function settle(ragstone: RagstoneProcess) {
  const doomed = await makeTenant(ragstone, 'doomed')
  const busy = await makeTenant(ragstone, 'busy')
  const neighbour = await makeTenant(ragstone, 'neighbour')
  for (const tenant of [doomed, neighbour]) await upload(ragstone, tenant, 8)
  for (const tenant of [doomed, neighbour]) await untilIndexed(ragstone, tenant)
  await upload(ragstone, doomed, WAITING)
  await call(ragstone, `/api/tenants/${doomed.id}/suspend`, {})
  return { doomed, busy, neighbour }
}

/** Whoever asks for it is gone before he hears anything. */
async function beginErasing(ragstone: RagstoneProcess, { id, name }: Made): Promise<void> {
  void call(ragstone, `/api/tenants/${id}/erase`, { confirm: name }).catch(() => undefined)
  for (;;) {
    const begun = await call(ragstone, `/api/tenants/${id}/erasure`).catch(() => null)
    if (begun !== null) return
    await sleep(20)
  }
}

async function unfinishedIn(pool: Pool): Promise<number> {
  const { rows } = await pool.query('select from tenant_erasures where finished_at is null')
  return rows.length
}

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

async function untilErased(ragstone: RagstoneProcess, id: string): Promise<Erasure> {
  for (;;) {
    const erasure = await call<Erasure>(ragstone, `/api/tenants/${id}/erasure`)
    if (erasure.status === 'completed') return erasure
    await sleep(200)
  }
}

/** The tenants' own programs know nothing of their end: they go on asking until no server answers. */
async function knock({ url }: RagstoneProcess, tenants: readonly Made[]): Promise<void> {
  for (;;) {
    const answers = tenants.flatMap(({ key, storeId }) => {
      const headers = { authorization: `Bearer ${key}` }
      const store = `${url}/v1/vector_stores/${storeId}`
      const body = new FormData()
      body.set('purpose', 'assistants')
      body.set('file', new Blob([`Written at ${performance.now()}.`]), 'late.txt')
      return [
        fetch(store, { headers }),
        fetch(`${store}/search`, { method: 'POST', headers }),
        fetch(`${url}/v1/files`, { method: 'POST', headers, body }),
      ]
    })
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
      if (rows.length > 0 || (await unfinishedIn(pool)) === 0) return
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
