import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toFile } from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createS3Objects } from '../../src/storage/s3-objects.ts'
import { readStoreId, writeStoreId } from '../../src/storage/store-identity.ts'
import { startRagstone, type RagstoneProcess } from '../ragstone-process.ts'
import { startS3Server, type S3Server } from '../s3-server.ts'

const MAIN = new URL('../../src/app/main.ts', import.meta.url).pathname
const FACT = 'The lighthouse of Varnholm was painted green in 1987.'
/** Several parts of an upload, many frames. */
const LONG = `${FACT}\n\n${'Gulls sit on its roof. '.repeat(500_000)}`

let bucket: S3Server
let server: RagstoneProcess
let folder = ''
let environment: Record<string, string> = {}
/** Whose files the bucket keeps. */
let mark: string | null = null

/** Four processes start, one after the other. */
const SLOWLY = { timeout: 240_000 }

beforeAll(async () => {
  bucket = await startS3Server()
  folder = await mkdtemp(join(tmpdir(), 'ragstone-bucket-'))
  environment = {
    RAGSTONE_BLOBS_STORE: 's3',
    RAGSTONE_BLOBS_BUCKET: bucket.settings.bucket,
    RAGSTONE_BLOBS_PREFIX: bucket.settings.prefix,
    RAGSTONE_BLOBS_ENDPOINT: bucket.settings.endpoint ?? '',
    RAGSTONE_BLOBS_PATH_STYLE: 'true',
    RAGSTONE_BLOBS_ACCESS_KEY_ID: 'test',
    RAGSTONE_BLOBS_SECRET_ACCESS_KEY: 'secret of the tests',
    RAGSTONE_BLOBS_TIMEOUT_SECONDS: '5',
    RAGSTONE_BLOBS_MASTER_KEY: '11'.repeat(32),
    RAGSTONE_EMBEDDING_PROVIDER: 'none',
    RAGSTONE_INGEST_MAX_FILE_BYTES: '50MB',
  }
  server = await startRagstone({
    dataDirectory: folder,
    environment,
    scopes: ['operator', 'admin'],
  })
  const objects = createS3Objects(bucket.settings)
  mark = await readStoreId(objects)
  objects.close()
}, 120_000)
afterAll(async () => {
  await server.stop()
  await bucket.stop()
  await rm(folder, { recursive: true, force: true })
})

/** One command line over the same data, with its output. */
async function run(argv: readonly string[], change: Record<string, string | undefined> = {}) {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    env: { ...process.env, ...environment, RAGSTONE_DATA_DIRECTORY: folder, ...change },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const code = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [output, errors] = await Promise.all([
    Array.fromAsync(child.stdout).then((parts) => parts.join('')),
    Array.fromAsync(child.stderr).then((parts) => parts.join('')),
  ])
  return { code: await code, output, errors }
}

const content = (id: string, range?: string) =>
  fetch(`${server.url}/v1/files/${id}/content`, {
    headers: { authorization: `Bearer ${server.key}`, ...(range === undefined ? {} : { range }) },
  })

test('a file goes through a bucket, encrypted, and is answered from', async () => {
  const { client } = server
  const file = await client.files.create({
    file: await toFile(Buffer.from(FACT), 'harbour.txt'),
    purpose: 'assistants',
  })
  const store = await client.vectorStores.create({ name: 'harbour' })
  const { status } = await client.vectorStores.files.createAndPoll(store.id, { file_id: file.id })
  const found = await client.vectorStores.search(store.id, { query: 'lighthouse painted' })
  const objects = createS3Objects(bucket.settings)
  const kept = await Array.fromAsync(objects.list(''))
  const bytes: Buffer[] = []
  for (const { key } of kept) {
    const opened = await objects.open(key)
    bytes.push(Buffer.concat(await Array.fromAsync(opened?.content ?? [])))
  }
  objects.close()

  expect(status).toBe('completed')
  expect(found.data[0]?.content[0]?.text).toContain('green in 1987')
  expect(kept.length).toBeGreaterThan(0)
  expect(bytes.some((each) => each.includes('Varnholm'))).toBe(false)
  expect(await readdir(join(folder, 'blobs')).catch(() => [])).toEqual([])
})

test('a large file is given back whole and by ranges', async () => {
  const { id } = await server.client.files.create({
    file: await toFile(Buffer.from(LONG), 'gulls.txt'),
    purpose: 'assistants',
  })
  const range = await content(id, 'bytes=9000000-9000021')

  expect(await (await content(id)).text()).toBe(LONG)
  expect(range.status).toBe(206)
  expect(await range.text()).toBe(LONG.slice(9_000_000, 9_000_022))
  expect(await readdir(join(folder, 'spool')).catch(() => [])).toEqual([])
})

test('the command line checks what is kept, and shows the key that it is encrypted with', async () => {
  const check = await run(['blobs', 'check', '--json'])
  const keys = await run(['blobs', 'keys', '--json'])

  expect(check.code).toBe(0)
  expect(JSON.parse(check.output)).toMatchObject({ damaged: 0, missing: 0, orphans: 0, strays: 0 })
  expect(JSON.parse(keys.output)).toMatchObject({
    enabled: true,
    master_keys: [{ role: 'current', tenants: 1 }],
  })
})

test('the doctor puts something into the bucket and reads it', async () => {
  const { output } = await run(['doctor'])

  expect(output).toContain('in the bucket ragstone')
})

test('while the bucket is away files are refused for the moment, and answers go on', async () => {
  const port = Number(new URL(bucket.settings.endpoint ?? '').port)
  const { client } = server
  const [store] = (await client.vectorStores.list()).data
  const { id } = await client.files.create({
    file: await toFile(Buffer.from('Soon away.'), 'away.txt'),
    purpose: 'assistants',
  })
  await bucket.stop()
  const refused = await content(id)
  const found = await client.vectorStores.search(store?.id ?? '', { query: 'lighthouse' })
  bucket = await startS3Server(port)

  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).not.toBeNull()
  expect(found.data.length).toBeGreaterThan(0)
})

test(
  'with another master key, or without one, no server starts, and the setting is named',
  SLOWLY,
  async () => {
    await server.stop()
    // The bucket that was away came back empty, as one whose files are lost for good.
    const objects = createS3Objects(bucket.settings)
    await writeStoreId(objects, mark ?? '')
    objects.close()
    const wrong = await run(['serve'], { RAGSTONE_BLOBS_MASTER_KEY: '22'.repeat(32) })
    const none = await run(['serve'], { RAGSTONE_BLOBS_MASTER_KEY: undefined })
    const rewrapped = await run(['blobs', 'rewrap', '--json'], {
      RAGSTONE_BLOBS_MASTER_KEY: '22'.repeat(32),
      RAGSTONE_BLOBS_PREVIOUS_MASTER_KEY: '11'.repeat(32),
    })

    expect([wrong.code, none.code]).toEqual([2, 2])
    expect(wrong.errors).toMatch(/blobs\.master_key is [0-9a-f]{16}, but files of 1 tenant/)
    expect(none.errors).toMatch(/blobs\.master_key is missing/)
    expect(rewrapped.errors).toBe('')
    expect(JSON.parse(rewrapped.output)).toMatchObject({ rewrapped: 1 })
    environment['RAGSTONE_BLOBS_MASTER_KEY'] = '22'.repeat(32)
    server = await startRagstone({ dataDirectory: folder, environment, key: server.key })
  },
)
