import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { blobsIn } from './blob-folder.ts'

const content = Buffer.from('granite')
const hash = createHash('sha256').update(content).digest('hex')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ragstone-blobs-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('a blob comes back as it was put, also by another opening of the folder', async () => {
  await blobsIn(folder).put('ten_1', hash, content)

  expect(await blobsIn(folder).get('ten_1', hash)).toEqual(content)
})

test('it lies under its tenant and the first two digits of its hash, and nothing lies beside it', async () => {
  const blobs = blobsIn(folder)
  await Promise.all([1, 2, 3].map(() => blobs.put('ten_1', hash, content)))

  expect(await readdir(join(folder, 'ten_1', hash.slice(0, 2)))).toEqual([hash])
})

test("another tenant's blob is not there", async () => {
  const blobs = blobsIn(folder)
  await blobs.put('ten_1', hash, content)

  expect(await blobs.get('ten_2', hash)).toBeNull()
})

test('a deleted blob is gone, and deleting it again is nothing', async () => {
  const blobs = blobsIn(folder)
  await blobs.put('ten_1', hash, content)
  await blobs.delete('ten_1', hash)
  await blobs.delete('ten_1', hash)

  expect(await blobs.get('ten_1', hash)).toBeNull()
})

test('damaged content is an error, never an answer', async () => {
  const blobs = blobsIn(folder)
  await blobs.put('ten_1', hash, content)
  await writeFile(join(folder, 'ten_1', hash.slice(0, 2), hash), 'gravel!')

  await expect(blobs.get('ten_1', hash)).rejects.toMatchObject({ code: 'content_damaged' })
})

test('a blob cut short is mended by putting it again', async () => {
  const blobs = blobsIn(folder)
  await blobs.put('ten_1', hash, content)
  await writeFile(join(folder, 'ten_1', hash.slice(0, 2), hash), 'gran')
  await blobs.put('ten_1', hash, content)

  expect(await blobs.get('ten_1', hash)).toEqual(content)
})

test.for<readonly [string, string]>([
  ['../ten_2', hash],
  ['', hash],
  ['ten/1', hash],
  ['..', hash],
  ['ten_1', '../../etc/passwd'],
  ['ten_1', hash.toUpperCase()],
  ['ten_1', `${hash}\n`],
])('tenant %j with hash %j leads nowhere', async ([tenant, name]) => {
  const blobs = blobsIn(folder)

  await expect(blobs.put(tenant, name, content)).rejects.toThrow(TypeError)
  await expect(blobs.get(tenant, name)).rejects.toThrow(TypeError)
  await expect(blobs.delete(tenant, name)).rejects.toThrow(TypeError)
})
