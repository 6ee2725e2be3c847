import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startRagstone, type RagstoneProcess } from '../ragstone-process.ts'
import { links, startFakeSite, type FakeSite } from '../sources/fake-site.ts'

const LIGHTHOUSE =
  '<html><body><p>The lighthouse of Varnholm was painted green in 1987.</p></body></html>'
const FERRY =
  '<html><body><p>The ferry to Varnholm leaves at seven every morning.</p></body></html>'

type Answer = Readonly<Record<string, unknown>> & { readonly id: string }

async function start(site: FakeSite, environment: Readonly<Record<string, string>> = {}) {
  const server = await startRagstone({
    environment: {
      RAGSTONE_EMBEDDING_PROVIDER: 'none',
      RAGSTONE_SOURCES_ALLOWED_HOSTS: new URL(site.origin).host,
      ...environment,
    },
    scopes: ['admin'],
  })
  onTestFinished(() => server.stop())
  return server
}

async function call({ url, key }: RagstoneProcess, path: string, body?: object) {
  const response = await fetch(`${url}${path}`, {
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Answer }
}

async function synced(server: RagstoneProcess, sourceId: string): Promise<Answer> {
  const path = `/api/sources/${sourceId}/syncs`
  const begun = await call(server, path, {})
  for (;;) {
    const { body } = await call(server, `${path}/${begun.body.id}`)
    if (!['queued', 'running'].includes(String(body['status']))) return body
    await sleep(100)
  }
}

async function found(server: RagstoneProcess, storeId: string, query: string) {
  for (;;) {
    const { file_counts: counts } = await server.client.vectorStores.retrieve(storeId)
    if (counts.in_progress === 0) break
    await sleep(100)
  }
  const { data } = await server.client.vectorStores.search(storeId, { query })
  return data
}

test('a site is crawled, answered from, and kept in step with', { timeout: 180_000 }, async () => {
  const site = await startFakeSite({
    '/': links('/lighthouse', '/ferry'),
    '/lighthouse': LIGHTHOUSE,
    '/ferry': FERRY,
  })
  const server = await start(site)
  const store = await server.client.vectorStores.create({ name: 'Varnholm' })
  const settings = { mode: 'crawl', start: [`${site.origin}/`], requests_per_second: 50 }
  const made = await call(server, '/api/sources', {
    vector_store_id: store.id,
    name: 'harbour',
    kind: 'web',
    settings,
    delete_share: 1,
  })
  const first = await synced(server, made.body.id)
  const answers = await found(server, store.id, 'lighthouse painted')

  expect(first).toMatchObject({ status: 'completed', counts: { added: 3 } })
  expect(answers[0]?.content[0]?.text).toContain('painted green in 1987')
  expect(answers[0]?.attributes).toMatchObject({ url: `${site.origin}/lighthouse` })

  site.takeLog()
  const second = await synced(server, made.body.id)
  expect(second).toMatchObject({ status: 'completed', counts: { unchanged: 3, added: 0 } })
  expect(site.takeLog()).toEqual(['404 /robots.txt', '304 /', '304 /lighthouse', '304 /ferry'])

  site.pages['/ferry'] = FERRY.replace('seven', 'nine')
  site.pages['/'] = links('/ferry')
  const third = await synced(server, made.body.id)
  expect(third).toMatchObject({ status: 'completed', counts: { changed: 2, deleted: 1 } })
  const ferries = await found(server, store.id, 'ferry morning')
  expect(ferries[0]?.content[0]?.text).toContain('leaves at nine')
  expect((await found(server, store.id, 'lighthouse painted')).length).toBe(0)
})

test('a source inside is refused with what would open it', { timeout: 120_000 }, async () => {
  const site = await startFakeSite({ '/': 'home' })
  const server = await start(site)
  const store = await server.client.vectorStores.create({ name: 'Varnholm' })
  const make = (address: string) =>
    call(server, '/api/sources', {
      vector_store_id: store.id,
      name: 'inside',
      kind: 'web',
      settings: { mode: 'page', start: [address] },
    })

  for (const address of ['http://169.254.169.254/latest/', 'http://10.0.0.1/', 'http://0x7f.2/']) {
    const { status, body } = await make(address)
    expect(status).toBe(400)
    expect(body['error']).toMatchObject({
      message: expect.stringContaining('sources.allowed_hosts'),
    })
  }
})
