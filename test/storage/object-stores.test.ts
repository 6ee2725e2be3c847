import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Content, ObjectStore } from '../../src/core/ports/object-store.ts'
import { createObjectDirectory } from '../../src/storage/object-directory.ts'
import { openS3, startS3Server, type S3Server } from '../s3-server.ts'

const content = (bytes: Uint8Array): Content => ({
  bytes: bytes.length,
  async *read() {
    for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000)
  },
})
const broken: Content = {
  bytes: 20_000_000,
  async *read() {
    for (let piece = 0; piece < 100; piece += 1) yield Buffer.alloc(100_000)
    throw new Error('cut off')
  },
}
const read = async (objects: ObjectStore, key: string, range?: { start: number; end: number }) => {
  const opened = await objects.open(key, range)
  return opened === null ? null : Buffer.concat(await Array.fromAsync(opened.content))
}
const keyOf = (tenant: string, text: string) => {
  const hash = createHash('sha256').update(text).digest('hex')
  return `${tenant}/${hash.slice(0, 2)}/${hash}`
}
const LARGE = Buffer.alloc(20_000_000, 'granite ')

let server: S3Server
beforeAll(async () => {
  server = await startS3Server()
})
afterAll(() => server.stop())

let made = 0
const stores: Readonly<Record<string, () => Promise<ObjectStore>>> = {
  directory: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ragstone-objects-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    return createObjectDirectory(folder)
  },
  s3: async () => openS3({ ...server.settings, prefix: `of-test-${(made += 1)}/` }),
}

describe.each(Object.keys(stores))('Objects in %s', (kind) => {
  const open = () => stores[kind]?.() ?? Promise.reject(new Error(kind))

  test('come back as they were written', async () => {
    const objects = await open()
    await objects.write(keyOf('ten_1', 'a'), content(Buffer.from('granite')))

    expect(String(await read(objects, keyOf('ten_1', 'a')))).toBe('granite')
  })

  test('of many megabytes come back as they were written', async () => {
    const objects = await open()
    await objects.write(keyOf('ten_1', 'a'), content(LARGE))

    expect((await read(objects, keyOf('ten_1', 'a')))?.equals(LARGE)).toBe(true)
  })

  test('without a byte come back without one, also by a range', async () => {
    const objects = await open()
    const key = keyOf('ten_1', 'a')
    await objects.write(key, content(Buffer.alloc(0)))

    expect([await read(objects, key), await read(objects, key, { start: 0, end: 52 })]).toEqual([
      Buffer.alloc(0),
      Buffer.alloc(0),
    ])
  })

  test('are read by ranges, and tell the size of the whole', async () => {
    const objects = await open()
    const key = keyOf('ten_1', 'a')
    await objects.write(key, content(LARGE))
    const opened = await objects.open(key, { start: 9_999_999, end: 10_000_003 })

    expect(opened?.bytes).toBe(LARGE.length)
    expect(String(Buffer.concat(await Array.fromAsync(opened?.content ?? [])))).toBe(
      String(LARGE.subarray(9_999_999, 10_000_003)),
    )
  })

  test('may be left in the middle', async () => {
    const objects = await open()
    const key = keyOf('ten_1', 'a')
    await objects.write(key, content(LARGE))
    for await (const _ of (await objects.open(key))?.content ?? []) break

    expect((await read(objects, key))?.length).toBe(LARGE.length)
  })

  test('that are not there are null', async () => {
    const objects = await open()

    expect([
      await read(objects, keyOf('ten_1', 'a')),
      await objects.find(keyOf('ten_1', 'a')),
    ]).toEqual([null, null])
  })

  test('are replaced whole, and have another version then', async () => {
    const objects = await open()
    const key = keyOf('ten_1', 'a')
    await objects.write(key, content(Buffer.from('granite')))
    const before = await objects.find(key)
    await objects.write(key, content(Buffer.from('basalt')))

    expect(String(await read(objects, key))).toBe('basalt')
    expect((await objects.find(key))?.version).not.toBe(before?.version)
  })

  test('have one version for whoever finds, opens or lists them', async () => {
    const objects = await open()
    const key = keyOf('ten_1', 'a')
    await objects.write(key, content(LARGE))
    const [listed] = await Array.fromAsync(objects.list('ten_1/'))
    const opened = await objects.open(key, { start: 0, end: 1 })
    for await (const _ of opened?.content ?? []) break

    expect([listed?.version, opened?.version]).toEqual(
      Array(2).fill((await objects.find(key))?.version),
    )
  })

  test('whose writing failed are not there, nor is what was there before gone', async () => {
    const objects = await open()
    const [fresh, old] = [keyOf('ten_1', 'a'), keyOf('ten_1', 'b')]
    await objects.write(old, content(Buffer.from('granite')))
    await expect(objects.write(fresh, broken)).rejects.toThrow()
    await expect(objects.write(old, broken)).rejects.toThrow()

    expect([await read(objects, fresh), String(await read(objects, old))]).toEqual([
      null,
      'granite',
    ])
    expect(await Array.fromAsync(objects.list('ten_1/'))).toHaveLength(1)
  })

  test('are gone when deleted, and deleting them again is nothing', async () => {
    const objects = await open()
    const key = keyOf('ten_1', 'a')
    await objects.write(key, content(Buffer.from('granite')))
    await objects.delete(key)
    await objects.delete(key)

    expect(await objects.find(key)).toBeNull()
  })

  test('are listed by their beginning, each once, with their sizes', async () => {
    const objects = await open()
    const keys = ['a', 'b', 'c'].map((text) => keyOf('ten_1', text))
    for (const key of [...keys, keyOf('ten_11', 'a')])
      await objects.write(key, content(Buffer.from('granite')))
    const listed = await Array.fromAsync(objects.list('ten_1/'))

    expect(listed.map(({ key }) => key).toSorted()).toEqual(keys.toSorted())
    expect(listed.map(({ bytes }) => bytes)).toEqual([7, 7, 7])
    expect(await Array.fromAsync(objects.list(''))).toHaveLength(4)
    expect(await Array.fromAsync(objects.list('ten_2/'))).toEqual([])
  })

  test('are written by many at once and are one', async () => {
    const objects = await open()
    const key = keyOf('ten_1', 'a')
    await Promise.all([1, 2, 3, 4].map(() => objects.write(key, content(LARGE))))

    expect(await Array.fromAsync(objects.list(''))).toHaveLength(1)
    expect((await read(objects, key))?.equals(LARGE)).toBe(true)
  })

  test('are written and deleted at once without an error', async () => {
    const objects = await open()
    const [one, other] = [keyOf('ten_1', 'a'), keyOf('ten_1', 'b')]
    for (let round = 0; round < 20; round += 1) {
      await objects.write(one, content(Buffer.from('granite')))
      await Promise.all([objects.delete(one), objects.write(other, content(Buffer.from('basalt')))])
      expect(String(await read(objects, other))).toBe('basalt')
      await objects.delete(other)
    }
  })
})

test('A directory keeps no folder of a tenant whose last object went', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ragstone-objects-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const objects = createObjectDirectory(folder)
  await objects.write(keyOf('ten_1', 'a'), content(Buffer.from('granite')))
  await objects.delete(keyOf('ten_1', 'a'))

  expect(await readdir(folder)).toEqual([])
})

test('A directory lists what an interrupted write has left', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ragstone-objects-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const objects = createObjectDirectory(folder)
  const key = keyOf('ten_1', 'a')
  await objects.write(key, content(Buffer.from('granite')))
  await writeFile(`${join(folder, key)}.0f0f`, 'gran')

  expect(
    (await Array.fromAsync(objects.list('ten_1/'))).map((each) => each.key).toSorted(),
  ).toEqual([key, `${key}.0f0f`])
})

test.for(['../a', '/etc/passwd', 'a/../b', '', 'a//b', '.', 'a/.b'])(
  'A directory is not left by way of the key %j',
  async (key) => {
    const objects = createObjectDirectory(tmpdir())

    await expect(objects.write(key, content(Buffer.alloc(1)))).rejects.toThrow(TypeError)
  },
)

test('A bucket that is not there is told as a refusal, not as a missing object', async () => {
  const objects = openS3({ ...server.settings, bucket: 'nowhere' })

  await expect(objects.open(keyOf('ten_1', 'a'))).rejects.toMatchObject({
    code: 'provider_rejected',
  })
})

test('A server that is away is told as an outage', async () => {
  const away = await startS3Server()
  await away.stop()
  const objects = openS3(away.settings)

  await expect(objects.find(keyOf('ten_1', 'a'))).rejects.toMatchObject({
    code: 'provider_unavailable',
  })
})
