import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FauxqsServer } from 'fauxqs'
import { startRagstone, type RagstoneProcess } from '../ragstone-process.ts'
import { GIT_IS_ABSENT, startGitServer, type GitServer } from '../sources/git-server.ts'
import { CREDENTIALS, makeS3Place, startCloud, type S3Place } from '../sources/s3-place.ts'

let cloud: FauxqsServer
let place: S3Place
let git: GitServer | null = null
let server: RagstoneProcess

beforeAll(async () => {
  cloud = await startCloud()
  place = makeS3Place(cloud)
  if (GIT_IS_ABSENT === null) git = await startGitServer()
  const hosts = [place.settings.endpoint, git?.url].flatMap((url) =>
    url === undefined ? [] : [new URL(url).host],
  )
  server = await startRagstone({
    environment: {
      RAGSTONE_EMBEDDING_PROVIDER: 'none',
      RAGSTONE_SOURCES_ALLOWED_HOSTS: hosts.join(','),
    },
  })
}, 120_000)
afterAll(async () => {
  await server.stop()
  await cloud.stop()
  await git?.close()
})

const SLOWLY = { timeout: 120_000 }
const PATIENCE = { timeout: 60_000, interval: 250 }

async function call(path: string, body?: object) {
  const response = await fetch(`${server.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

async function makeSource(kind: string, wish: { settings: object; credentials?: object }) {
  const { id } = await server.client.vectorStores.create({ name: kind })
  const made = await call('/api/sources', { vector_store_id: id, name: kind, kind, ...wish })
  expect(made.status).toBe(200)
  return { storeId: id, sourceId: String(made.body['id']) }
}

const sync = (sourceId: string) => call(`/api/sources/${sourceId}/syncs`, {})

/** The texts that answer the question. */
async function find(storeId: string, query: string): Promise<readonly string[]> {
  const found = await server.client.vectorStores.search(storeId, { query })
  return found.data.flatMap(({ content }) => content.map(({ text }) => text))
}

test(
  'objects of a bucket are followed, by a sync and by what its queue tells',
  SLOWLY,
  async () => {
    await place.put('minutes/may.md', 'The lighthouse was painted green in May.')
    const wish = { settings: place.settings, credentials: CREDENTIALS }
    const { storeId, sourceId } = await makeSource('s3', wish)
    await sync(sourceId)
    await expect
      .poll(() => find(storeId, 'lighthouse painted'), PATIENCE)
      .toEqual(['The lighthouse was painted green in May.'])

    await place.put('minutes/june.md', 'The harbour was dredged in June.')
    place.tell('minutes/june.md')
    await expect
      .poll(() => find(storeId, 'harbour dredged'), PATIENCE)
      .toEqual(['The harbour was dredged in June.'])
    await expect
      .poll(() => cloud.inspectQueue(place.queue)?.messages.inflight.length, PATIENCE)
      .toBe(0)

    await place.remove('minutes/may.md')
    place.tell('minutes/may.md', 'ObjectRemoved:Delete')
    await expect.poll(() => find(storeId, 'lighthouse painted'), PATIENCE).toEqual([])
  },
)

test.skipIf(GIT_IS_ABSENT !== null)('files of a repository are followed', SLOWLY, async () => {
  const repository = await git?.createRepository()
  await repository?.commit({ 'docs/a.md': 'The bakery opens at six.', 'LICENSE.txt': 'None.' })
  const settings = { url: repository?.url ?? '', include: ['docs/**'] }
  const { storeId, sourceId } = await makeSource('git', { settings })
  await sync(sourceId)
  await expect
    .poll(() => find(storeId, 'bakery opens'), PATIENCE)
    .toEqual(['The bakery opens at six.'])

  await repository?.commit({ 'docs/a.md': 'The bakery opens at seven.' })
  await sync(sourceId)
  await expect
    .poll(() => find(storeId, 'bakery opens'), PATIENCE)
    .toEqual(['The bakery opens at seven.'])
  expect(await find(storeId, 'license none')).toEqual([])
})

test('an endpoint inside that nobody has opened is refused', SLOWLY, async () => {
  const { id } = await server.client.vectorStores.create({ name: 'inside' })
  const settings = { bucket: 'papers', endpoint: 'http://169.254.169.254' }
  const wish = { vector_store_id: id, name: 'x', kind: 's3', settings, credentials: CREDENTIALS }
  const made = await call('/api/sources', wish)

  expect([made.status, JSON.stringify(made.body)]).toEqual([400, expect.stringContaining('closed')])
})
