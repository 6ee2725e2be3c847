import { mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RagstoneProcess } from '../ragstone-process.ts'
import type { Recorder } from './recorder.ts'

/** Below which the server of the exercise lets folders be sources. The same every time, as it is in what is recorded. */
export const SOURCE_ROOT = join(tmpdir(), 'ragstone-exercise')

const ENDED = ['cancelled', 'completed', 'failed', 'held']

/** A folder that is synced, loses everything, and is only believed when somebody says so. */
export async function exerciseSources(
  { url, key, client }: Pick<RagstoneProcess, 'client' | 'key' | 'url'>,
  fetch: Recorder['fetch'],
): Promise<void> {
  const path = join(SOURCE_ROOT, 'papers')
  await rm(path, { recursive: true, force: true })
  await mkdir(path, { recursive: true })
  for (const name of ['leave', 'travel', 'canteen'])
    await writeFile(join(path, `${name}.txt`), `The rules of ${name} are written here.`)
  const authorization = `Bearer ${key}`
  const call = (method: string, place: string, body?: object) =>
    fetch(`${url}/api/${place}`, {
      method,
      headers: {
        authorization,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const store = await client.vectorStores.create({ name: 'Papers' })
  const made = await call('POST', 'sources', {
    vector_store_id: store.id,
    name: 'Papers of the office',
    kind: 'folder',
    settings: { path, include: ['**/*.txt'], watch: false },
    schedule: { type: 'cron', cron: '0 3 1 1 *', time_zone: 'Europe/Zurich' },
    delete_share: 0.3,
    paused: true,
  })
  const { id } = (await made.json()) as { id: string }
  const one = `sources/${id}`
  const sync = async (body: object) => {
    const begun = (await (await call('POST', `${one}/syncs`, body)).json()) as { id: string }
    return untilOver(begun.id)
  }
  const untilOver = async (syncId: string): Promise<string> => {
    for (;;) {
      const response = await call('GET', `${one}/syncs/${syncId}`)
      const { status } = (await response.json()) as { status: string }
      if (ENDED.includes(status)) return syncId
      await sleep(200)
    }
  }

  await call('GET', 'source_kinds')
  await sync({ dry_run: true })
  const first = await sync({})
  await call('GET', `${one}/syncs/${first}/documents?action=added&limit=2`)
  await call('GET', `${one}/syncs/${first}/documents?after=canteen.txt`)
  await sync({ keys: ['leave.txt'] })
  for (const name of ['leave', 'travel', 'canteen']) await rm(join(path, `${name}.txt`))
  const held = await sync({})
  const confirmed = await call('POST', `${one}/syncs/${held}/confirm`)
  await untilOver(((await confirmed.json()) as { id: string }).id)
  await call('POST', `${one}/syncs/${held}/confirm`)
  await call('GET', `${one}/syncs?limit=1&order=asc`)
  await call('GET', `${one}/syncs?limit=1&after=${held}`)
  await call('GET', `${one}/syncs?limit=1&before=${held}`)
  await call('POST', one, {
    name: 'Papers',
    settings: { path },
    credentials: null,
    schedule: null,
    delete_share: 0.5,
  })
  await call('POST', `${one}/resume`)
  await call('POST', `${one}/pause`)
  await call('GET', one)
  await call('GET', `sources?vector_store_id=${store.id}&kind=folder&limit=10&order=asc`)
  await call('GET', `sources?limit=1&after=${id}`)
  await call('GET', `sources?limit=1&before=${id}`)
  await call('DELETE', `${one}?documents=remove`)
  await client.vectorStores.delete(store.id)
  await rm(SOURCE_ROOT, { recursive: true, force: true })
}
