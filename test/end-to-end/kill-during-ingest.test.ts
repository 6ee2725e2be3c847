import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { toFile } from 'openai'
import { expect, test } from 'vitest'
import { startRagstone, type RagstoneProcess } from '../ragstone-process.ts'
import { BACKENDS } from '../storage/backends.ts'
import { copyMigrated } from '../storage/migrated-pglite.ts'
import { halfIndexed } from './half-indexed.ts'
import { makeServerDatabase } from './served-backend.ts'

const ROUNDS = 20
const FILES_A_ROUND = 12

test.each(BACKENDS)(
  'on %s, kill -9 at random moments of an ingestion loses nothing acknowledged and leaves nothing half-indexed',
  { timeout: 1_200_000 },
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
