import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { toFile } from 'openai'
import { expect, test } from 'vitest'
import { openPglite } from '../../src/storage/pglite.ts'
import { openPostgres } from '../../src/storage/postgres.ts'
import { startRagstone, type RagstoneProcess } from '../ragstone-process.ts'
import { BACKENDS } from '../storage/backends.ts'
import { copyMigrated } from '../storage/migrated-pglite.ts'
import { makeServerDatabase } from './served-backend.ts'

const ROUNDS = 20
const FILES_A_ROUND = 12

interface Place {
  readonly directory: string
  /** Empty for the embedded database in the directory. */
  readonly url: string
}

test.each(BACKENDS)(
  'on %s, kill -9 at random moments of an ingestion loses nothing acknowledged and leaves nothing half-indexed',
  { timeout: 600_000 },
  async (kind) => {
    const directory = await mkdtemp(join(tmpdir(), 'ragstone-kill-'))
    const served = kind === 'postgres' ? await makeServerDatabase() : null
    const place = { directory, url: served?.url ?? '' }
    if (served === null) await copyMigrated(join(directory, 'database'))
    const start = (key: string | undefined) =>
      startRagstone({
        dataDirectory: directory,
        environment: { DATABASE_URL: place.url },
        ...(key === undefined ? {} : { key }),
      })
    const acknowledged = new Map<string, string>()
    let key: string | undefined
    let storeId: string | undefined

    for (let round = 0; round < ROUNDS; round += 1) {
      const ragstone = await start(key)
      key = ragstone.key
      storeId ??= (await ragstone.client.vectorStores.create({ name: 'papers' })).id
      const uploads = uploadFiles(ragstone, storeId, { round, acknowledged })
      await sleep(Math.random() * 1_500)
      await ragstone.kill()
      await uploads

      expect(await halfIndexed(place)).toEqual([])
    }

    const ragstone = await start(key)
    const status = await untilSettled(ragstone, storeId ?? '')
    const contents = await Promise.all(
      [...acknowledged.keys()].map(async (id) => [
        id,
        await (await ragstone.client.files.content(id)).text(),
      ]),
    )
    await ragstone.stop()

    expect(acknowledged.size).toBeGreaterThan(ROUNDS)
    expect(new Map(contents as [string, string][])).toEqual(acknowledged)
    expect([...acknowledged.keys()].filter((id) => status.get(id) !== 'completed')).toEqual([])
    expect(await halfIndexed(place)).toEqual([])
    await served?.drop()
    await rm(directory, { recursive: true, force: true })
  },
)

async function uploadFiles(
  { client }: RagstoneProcess,
  storeId: string,
  run: { readonly round: number; readonly acknowledged: Map<string, string> },
): Promise<void> {
  for (let index = 0; index < FILES_A_ROUND; index += 1) {
    const text = Array.from(
      { length: 40 },
      (_, line) => `Sentence ${line} of file ${index} in round ${run.round} speaks of the weather.`,
    ).join('\n\n')
    try {
      const content = await toFile(Buffer.from(text), `round-${run.round}-${index}.txt`)
      const file = await client.files.create({ file: content, purpose: 'assistants' })
      await client.vectorStores.files.create(storeId, { file_id: file.id })
      run.acknowledged.set(file.id, text)
    } catch {
      // The server was killed: what it did not acknowledge may be there or not.
      return
    }
  }
}

async function untilSettled(
  { client }: RagstoneProcess,
  storeId: string,
): Promise<ReadonlyMap<string, string>> {
  for (;;) {
    const status = new Map<string, string>()
    for await (const file of client.vectorStores.files.list(storeId, { limit: 100 })) {
      status.set(file.id, file.status)
    }
    if (![...status.values()].includes('in_progress')) return status
    await sleep(500)
  }
}

/** Documents whose chunks or vectors do not agree with their status, straight from the database of a dead server. */
async function halfIndexed({ directory, url }: Place): Promise<readonly object[]> {
  const backend =
    url === ''
      ? await openPglite({ directory: join(directory, 'database') })
      : await openPostgres({ url, maxConnections: 1 })
  try {
    const { rows: spaces } = await backend.pool.query<{ name: string }>(
      'select name from embedding_spaces',
    )
    const space = spaces[0]?.name ?? ''
    const { rows } = await backend.pool.query<object>(`
      select d.file_id, d.status, d.chunk_count, count(c.id) as chunks, count(v.chunk_id) as vectors
      from documents d
      left join chunks c using (tenant_id, vector_store_id, file_id)
      left join vectors_${space} v on v.tenant_id = c.tenant_id and v.chunk_id = c.id
      group by d.tenant_id, d.vector_store_id, d.file_id
      having count(c.id) <> case when d.status = 'completed' then d.chunk_count else 0 end
        or count(v.chunk_id) <> count(c.id)
        or (d.status = 'completed' and d.chunk_count = 0)`)
    return rows
  } finally {
    await backend.close()
  }
}
