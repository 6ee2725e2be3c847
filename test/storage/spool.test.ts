import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSpool, dropLeftovers } from '../../src/storage/spool.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ragstone-spool-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function* pieces(count: number): AsyncGenerator<Uint8Array> {
  for (let piece = 0; piece < count; piece += 1) yield Buffer.alloc(100_000, piece)
}
const whole = async (count: number) => Buffer.concat(await Array.fromAsync(pieces(count)))

test.each([0, 1, 10, 11, 50])('%i pieces are read again as often as is asked', async (count) => {
  const taken = await createSpool(folder).take(pieces(count))
  const expected = await whole(count)

  expect(taken.bytes).toBe(expected.length)
  expect(taken.sha256).toBe(createHash('sha256').update(expected).digest('hex'))
  for (let time = 0; time < 2; time += 1)
    expect(Buffer.concat(await Array.fromAsync(taken.read())).equals(expected)).toBe(true)
})

test('what is discarded is gone', async () => {
  const taken = await createSpool(folder).take(pieces(50))
  expect(await readdir(folder)).toHaveLength(1)
  await taken.discard()

  expect(await readdir(folder)).toEqual([])
})

test('content that fails leaves nothing', async () => {
  const failing = async function* () {
    yield* pieces(50)
    throw new Error('cut off')
  }

  await expect(createSpool(folder).take(failing())).rejects.toThrow('cut off')
  expect(await readdir(folder)).toEqual([])
})

test('what a killed server left goes when it is old', async () => {
  await writeFile(join(folder, 'old'), 'x')
  await writeFile(join(folder, 'young'), 'x')
  const before = new Date(Date.now() - 3 * 86_400_000)
  await utimes(join(folder, 'old'), before, before)
  await dropLeftovers(folder)

  expect(await readdir(folder)).toEqual(['young'])
})
