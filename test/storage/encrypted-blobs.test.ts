import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { insistOnMasterKeys } from '../../src/app/master-keys.ts'
import type { ObjectStore } from '../../src/core/ports/object-store.ts'
import { createBlobs } from '../../src/storage/blobs.ts'
import { createDataKeys, masterKeysOf } from '../../src/storage/data-keys.ts'
import { createObjectDirectory } from '../../src/storage/object-directory.ts'
import { createTenantBlobs } from '../../src/storage/tenant-blobs.ts'
import { onEveryBackend } from './backends.ts'

const FRAME = 65_536
const HEADER = 52
const SEALED_FRAME = FRAME + 16
const hashOf = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')
const keyOf = (tenant: string, hash: string) => `${tenant}/${hash.slice(0, 2)}/${hash}`
const only = (bytes: Uint8Array) => ({
  bytes: bytes.length,
  async *read() {
    yield bytes
  },
})

async function openFolder(): Promise<{ folder: string; objects: ObjectStore }> {
  const folder = await mkdtemp(join(tmpdir(), 'ragstone-sealed-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return { folder, objects: createObjectDirectory(folder) }
}

const dataKey = Buffer.alloc(32, 7)

async function openSealed(keyFor: (tenant: string) => Buffer = () => dataKey) {
  const { folder, objects } = await openFolder()
  const damage: string[] = []
  const blobs = createBlobs({
    objects,
    dataKeys: { of: async (tenant) => keyFor(tenant) },
    onDamage: ({ sha256 }) => damage.push(sha256),
  })
  const change = async (hash: string, alter: (bytes: Buffer) => Uint8Array) => {
    const path = join(folder, keyOf('ten_1', hash))
    await writeFile(path, alter(await readFile(path)))
  }
  return { blobs, objects, folder, damage, change }
}

const rangeOf = async (
  blobs: ReturnType<typeof createBlobs>,
  hash: string,
  range?: { start: number; end: number },
) => {
  const opened = await blobs.open('ten_1', hash, range)
  return opened === null ? null : Buffer.concat(await Array.fromAsync(opened.content))
}

describe('Encrypted blobs', () => {
  const content = randomBytes(FRAME * 3 + 100)
  const hash = hashOf(content)

  test.each([0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME])(
    'of %i bytes come back as they were put',
    async (bytes) => {
      const { blobs } = await openSealed()
      const some = randomBytes(bytes)
      await blobs.put('ten_1', hashOf(some), some)

      expect(await blobs.get('ten_1', hashOf(some))).toEqual(some)
      expect(await rangeOf(blobs, hashOf(some))).toEqual(some)
    },
  )

  test('give any range as the content has it', async () => {
    const { blobs } = await openSealed()
    await blobs.put('ten_1', hash, content)
    const range = fc
      .tuple(fc.nat(content.length - 1), fc.nat(content.length - 1))
      .map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) + 1 }))

    await fc.assert(
      fc.asyncProperty(range, async ({ start, end }) => {
        const found = await rangeOf(blobs, hash, { start, end })
        expect(found?.equals(content.subarray(start, end))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  test('read no more than the frames of a range', async () => {
    const { blobs, objects } = await openSealed()
    await blobs.put('ten_1', hash, content)
    let read = 0
    const counted = createBlobs({
      dataKeys: { of: async () => dataKey },
      onDamage: () => undefined,
      objects: {
        ...objects,
        async open(key, range) {
          const opened = await objects.open(key, range)
          if (opened !== null && range !== undefined) read += range.end - range.start
          return opened
        },
      },
    })
    await rangeOf(counted, hash, { start: FRAME + 5, end: FRAME + 10 })

    expect(read).toBe(HEADER + SEALED_FRAME)
  })

  test('show nothing of their content, and the same content twice is not the same', async () => {
    const { blobs, folder } = await openSealed()
    const said = Buffer.from('The notice period is sixty days. '.repeat(10))
    const path = (tenant: string) => join(folder, keyOf(tenant, hashOf(said)))
    await blobs.put('ten_1', hashOf(said), said)
    await blobs.put('ten_2', hashOf(said), said)

    expect((await readFile(path('ten_1'))).includes('notice')).toBe(false)
    expect((await readFile(path('ten_1'))).equals(await readFile(path('ten_2')))).toBe(false)
  })

  const frame = (bytes: Buffer, at: number) =>
    bytes.subarray(HEADER + at * SEALED_FRAME, HEADER + (at + 1) * SEALED_FRAME)
  test.each<readonly [string, (bytes: Buffer) => Uint8Array]>([
    ['with a bit turned round in a frame', (bytes) => flip(bytes, HEADER + SEALED_FRAME + 9)],
    ['with a bit turned round in the header', (bytes) => flip(bytes, 25)],
    ['with a length that was written anew', (bytes) => flip(bytes, 19)],
    ['without their last frame', (bytes) => bytes.subarray(0, HEADER + 3 * SEALED_FRAME)],
    ['cut off in a frame', (bytes) => bytes.subarray(0, -7)],
    ['with more behind the end', (bytes) => Buffer.concat([bytes, Buffer.alloc(5)])],
    [
      'with two frames in each other’s place',
      (bytes) =>
        Buffer.concat([
          bytes.subarray(0, HEADER),
          frame(bytes, 1),
          frame(bytes, 0),
          bytes.subarray(HEADER + 2 * SEALED_FRAME),
        ]),
    ],
    [
      'with a frame twice',
      (bytes) =>
        Buffer.concat([
          bytes.subarray(0, HEADER),
          frame(bytes, 0),
          frame(bytes, 0),
          bytes.subarray(HEADER + 2 * SEALED_FRAME),
        ]),
    ],
    ['with nothing left', () => Buffer.alloc(0)],
  ])('%s are told as damaged', async (_, alter) => {
    const { blobs, change, damage } = await openSealed()
    await blobs.put('ten_1', hash, content)
    await change(hash, alter)

    await expect(blobs.get('ten_1', hash)).rejects.toMatchObject({ code: 'content_damaged' })
    await expect(rangeOf(blobs, hash)).rejects.toMatchObject({ code: 'content_damaged' })
    expect(damage).toEqual([hash, hash])
  })

  test('with a damaged frame give the ranges beside it, and no byte of it', async () => {
    const { blobs, change } = await openSealed()
    await blobs.put('ten_1', hash, content)
    await change(hash, (bytes) => flip(bytes, HEADER + SEALED_FRAME + 9))

    expect(await rangeOf(blobs, hash, { start: 0, end: FRAME })).toEqual(content.subarray(0, FRAME))
    await expect(rangeOf(blobs, hash, { start: FRAME, end: FRAME + 1 })).rejects.toMatchObject({
      code: 'content_damaged',
    })
  })

  test('under another name, or of another tenant, do not open', async () => {
    const { blobs, folder } = await openSealed()
    const other = randomBytes(content.length)
    await blobs.put('ten_1', hash, content)
    await blobs.put('ten_1', hashOf(other), other)
    await blobs.put('ten_2', hash, content)
    const path = (tenant: string, name: string) => join(folder, keyOf(tenant, name))
    await writeFile(path('ten_1', hashOf(other)), await readFile(path('ten_1', hash)))
    await writeFile(path('ten_1', hash), await readFile(path('ten_2', hash)))

    for (const name of [hash, hashOf(other)])
      await expect(blobs.get('ten_1', name)).rejects.toMatchObject({ code: 'content_damaged' })
  })

  test('are mended by putting them again, once their damage was seen', async () => {
    const { blobs, change } = await openSealed()
    await blobs.put('ten_1', hash, content)
    await change(hash, (bytes) => flip(bytes, HEADER + 9))
    await blobs.get('ten_1', hash).catch(() => undefined)
    await blobs.put('ten_1', hash, content)

    expect(await blobs.get('ten_1', hash)).toEqual(content)
  })

  test('stand beside plain ones from before', async () => {
    const { blobs, objects } = await openSealed()
    await objects.write(keyOf('ten_1', hash), only(content))

    expect(await blobs.get('ten_1', hash)).toEqual(content)
    expect(await rangeOf(blobs, hash, { start: 70_000, end: 70_010 })).toEqual(
      content.subarray(70_000, 70_010),
    )
  })

  test('uploaded as files are files like others', async () => {
    const { blobs, folder } = await openSealed()
    await blobs.put('ten_1', hash, content)
    const sealed = await readFile(join(folder, keyOf('ten_1', hash)))
    const plain = createBlobs({
      objects: createObjectDirectory(folder),
      dataKeys: null,
      onDamage: () => undefined,
    })
    await plain.put('ten_1', hashOf(sealed), sealed)

    expect(await blobs.get('ten_1', hashOf(sealed))).toEqual(sealed)
  })

  test('that are not what their hash says are refused, and leave nothing', async () => {
    const { blobs, folder } = await openSealed()

    await expect(blobs.put('ten_1', hash, Buffer.from('else'))).rejects.toThrow(/something else/)
    expect(await readdir(folder, { recursive: true })).toEqual([
      'ten_1',
      join('ten_1', hash.slice(0, 2)),
    ])
  })
})

function flip(bytes: Buffer, at: number): Buffer {
  const flipped = Buffer.from(bytes)
  flipped[at] = (flipped[at] ?? 0) ^ 1
  return flipped
}

onEveryBackend('Keys of tenants', (world) => {
  const masters = (current: number, previous: number | null = null) =>
    masterKeysOf(Buffer.alloc(32, current), previous === null ? null : Buffer.alloc(32, previous))
  const keysUnder = (current: number, previous: number | null = null) =>
    createDataKeys(world.backend.pool, masters(current, previous))
  const used = async () => {
    const uses = await keysUnder(1, 2).uses()
    return uses.filter(({ role }) => role !== 'unknown')
  }

  test('are one for a tenant, whoever asks first, and differ between tenants', async () => {
    const [one, other] = [await world.newTenant(), await world.newTenant()]
    const keys = await Promise.all([1, 2, 3, 4].map(() => keysUnder(1).of(one)))

    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1)
    expect((await keysUnder(1).of(other)).equals(keys[0] ?? Buffer.alloc(0))).toBe(false)
  })

  test('lie in the database wrapped, where no tenant’s transaction sees them', async () => {
    const tenant = await world.newTenant()
    await keysUnder(1).of(tenant)

    await expect(
      world.database.transact(tenant, (within) => within.query('select * from tenant_data_keys')),
    ).rejects.toThrow(/permission denied/)
  })

  test('stay the same when they are wrapped anew, after which the old master key may go', async () => {
    const tenant = await world.newTenant()
    const before = await keysUnder(2).of(tenant)
    const { masterKeys } = await keysUnder(1, 2).rewrap()

    expect(await keysUnder(1).of(tenant)).toEqual(before)
    expect(masterKeys.map(({ role }) => role)).toEqual(['current'])
    expect((await used()).map(({ role }) => role)).toEqual(['current'])
    expect((await keysUnder(1, 2).rewrap()).rewrapped).toBe(0)
  })

  test('do not open under another master key', async () => {
    const tenant = await world.newTenant()
    await keysUnder(1).of(tenant)

    await expect(keysUnder(3).of(tenant)).rejects.toThrow(/neither blobs.master_key nor/)
  })

  test('keep a server with another master key, or none, from starting, and say why', async () => {
    await keysUnder(1).of(await world.newTenant())
    const { pool } = world.backend

    await expect(insistOnMasterKeys(pool, masters(3))).rejects.toThrow(/blobs\.master_key is/)
    await expect(insistOnMasterKeys(pool, null)).rejects.toThrow(/blobs\.master_key is missing/)
    await expect(insistOnMasterKeys(pool, masters(1))).resolves.toBeUndefined()
    await expect(insistOnMasterKeys(pool, masters(3, 1))).resolves.toBeUndefined()
  })

  test('go with the tenant', async () => {
    const tenant = await world.newTenant()
    const { objects } = await openFolder()
    const keys = keysUnder(1)
    const before = await keys.of(tenant)
    await createTenantBlobs({ objects, dataKeys: keys }).deleteAll(tenant)
    await world.backend.pool.query('delete from tenants where id = $1', [tenant])
    await world.backend.pool.query('insert into tenants (id, name) values ($1, $1)', [tenant])

    expect((await keys.of(tenant)).equals(before)).toBe(false)
  })
})
