import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startRagstone, type RagstoneProcess } from '../ragstone-process.ts'
import { BACKENDS } from '../storage/backends.ts'
import { copyMigrated } from '../storage/migrated-pglite.ts'
import { makeServerDatabase } from './served-backend.ts'

const FILES = 60
const KILLS = 4
const ENDED = ['cancelled', 'completed', 'failed', 'held']

interface Sync {
  readonly id: string
  readonly status: string
  readonly counts: Readonly<Record<string, number>>
}

test.each(BACKENDS)(
  'on %s, a folder whose server is killed again and again is synced to its end, once',
  { timeout: 600_000 },
  async (kind) => {
    const base = await mkdtemp(join(tmpdir(), 'ragstone-sync-'))
    const folder = join(base, 'papers')
    await mkdir(folder)
    for (let index = 0; index < FILES; index += 1)
      await writeFile(join(folder, `${index}.txt`), `Paper ${index} speaks of the weather.`)
    const directory = join(base, 'data')
    const served = kind === 'postgres' ? await makeServerDatabase() : null
    if (served === null) await copyMigrated(join(directory, 'database'))
    const start = (key?: string) =>
      startRagstone({
        dataDirectory: directory,
        environment: {
          DATABASE_URL: served?.url ?? '',
          RAGSTONE_SOURCES_FOLDER_ROOTS: base,
          RAGSTONE_EMBEDDING_PROVIDER: 'none',
        },
        ...(key === undefined ? {} : { key }),
      })

    let ragstone = await start()
    const { key } = ragstone
    const store = await ragstone.client.vectorStores.create({ name: 'papers' })
    const source = await send<{ id: string }>(ragstone, 'POST /api/sources', {
      vector_store_id: store.id,
      name: 'papers',
      kind: 'folder',
      settings: { path: folder, watch: false },
    })
    const syncs = `/api/sources/${source.id}/syncs`
    const { id } = await send<Sync>(ragstone, `POST ${syncs}`, {})
    for (let kill = 0; kill < KILLS; kill += 1) {
      await sleep(100 + Math.random() * 600)
      await ragstone.kill()
      ragstone = await start(key)
    }
    let sync = await send<Sync>(ragstone, `GET ${syncs}/${id}`)
    while (!ENDED.includes(sync.status)) {
      await sleep(200)
      sync = await send<Sync>(ragstone, `GET ${syncs}/${id}`)
    }
    const files = await Array.fromAsync(ragstone.client.files.list({ limit: 1_000 }))
    const documents = await Array.fromAsync(
      ragstone.client.vectorStores.files.list(store.id, { limit: 100 }),
    )
    await ragstone.stop()
    await served?.drop()
    await rm(base, { recursive: true, force: true })

    expect(sync).toMatchObject({
      status: 'completed',
      counts: { added: FILES, unchanged: 0, changed: 0, failed: 0, listed: FILES },
    })
    expect(documents).toHaveLength(FILES)
    expect(files).toHaveLength(FILES)
  },
)

async function send<Answer>(
  { url, key }: RagstoneProcess,
  asked: string,
  body?: object,
): Promise<Answer> {
  const [method = 'GET', path = ''] = asked.split(' ')
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer = (await response.json()) as Answer
  if (!response.ok) throw new Error(JSON.stringify(answer))
  return answer
}
