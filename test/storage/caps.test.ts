import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { NO_CAPS, type Caps } from '../../src/core/caps.ts'
import { AppError } from '../../src/core/errors.ts'
import { createId } from '../../src/core/id.ts'
import type { Transaction } from '../../src/core/ports/database.ts'
import type { FileRecord } from '../../src/core/ports/files.ts'
import { readHeld } from '../../src/storage/tenant-storage.ts'
import { inParallel } from '../in-parallel.ts'
import { onEveryBackend } from './backends.ts'
import {
  addIndexed,
  addStore,
  createSpace,
  documents,
  files,
  indexed,
  stores as vectorStores,
  type Passage,
} from './library.ts'

const fileOf = (bytes: number): FileRecord => ({
  id: createId('file-'),
  filename: 'note.txt',
  purpose: 'assistants',
  bytes,
  sha256: createId('req_'),
  createdAt: new Date(),
  expiresAt: null,
})

/** What there is, looked through row by row. */
async function counted(transaction: Transaction): Promise<object | undefined> {
  const [row] = await transaction.query<object>(
    `select (select count(*) from files where tenant_id = $1) as files,
       (select coalesce(sum(bytes), 0)::bigint from files where tenant_id = $1) as "storedBytes",
       (select count(*) from chunks where tenant_id = $1) as chunks`,
    [transaction.tenantId],
  )
  return row
}

onEveryBackend('What a tenant keeps', (world) => {
  const { database, newTenant } = world
  beforeAll(() => createSpace(world.backend))
  const isRefused = (error: unknown) => error instanceof AppError && error.code === 'limit_reached'

  test('uploads at once never pass a cap, and none is refused while there is room for it', async () => {
    const property = fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 8, maxLength: 40 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 10, max: 400 }),
      async (sizes, most, bytes) => {
        const tenant = await newTenant()
        const caps: Caps = { ...NO_CAPS, files: most, storedBytes: bytes }
        const kept: number[] = []
        const refused: number[] = []
        await inParallel(8, sizes, async (size) => {
          try {
            await database.transact(tenant, (within) => files.insert(within, fileOf(size), caps))
            kept.push(size)
          } catch (error) {
            if (!isRefused(error)) throw error
            refused.push(size)
          }
        })
        const sum = kept.reduce((total, size) => total + size, 0)
        expect(kept.length).toBeLessThanOrEqual(most)
        expect(sum).toBeLessThanOrEqual(bytes)
        // What is kept at the end is the most that there ever was: whatever was refused does not fit now either.
        for (const size of refused) expect(kept.length === most || sum + size > bytes).toBe(true)
        await database.transact(tenant, async (within) => {
          expect(await readHeld(within)).toEqual({
            files: kept.length,
            storedBytes: sum,
            chunks: 0,
          })
        })
      },
    )
    await fc.assert(property, { numRuns: 25, seed: 20_261_121 })
  })

  test('a refusal names the limit and what is used of it', async () => {
    const tenant = await newTenant()
    const caps: Caps = { ...NO_CAPS, storedBytes: 100 }
    await database.transact(tenant, (within) => files.insert(within, fileOf(70), caps))
    const refused = database.transact(tenant, (within) => files.insert(within, fileOf(31), caps))

    await expect(refused).rejects.toMatchObject({
      code: 'limit_reached',
      message: expect.stringContaining(
        'may keep 100 bytes of files (limit `stored_bytes`) and keeps 70; 31 more',
      ) as string,
    })
  })

  test('what is deleted makes room again', async () => {
    const tenant = await newTenant()
    const caps: Caps = { ...NO_CAPS, files: 1 }
    const first = fileOf(1)
    await database.transact(tenant, (within) => files.insert(within, first, caps))
    await database.transact(tenant, (within) => files.delete(within, first.id))

    await database.transact(tenant, (within) => files.insert(within, fileOf(1), caps))
  })

  test('an upload costs no round trip more for its caps', async () => {
    const tenant = await newTenant()
    const statements = async (caps: Caps) => {
      world.takeStatements()
      await database.transact(tenant, (within) => files.insert(within, fileOf(1), caps))
      return world.takeStatements().length
    }

    expect(await statements({ files: 9, storedBytes: 99, chunks: 9 })).toBe(
      await statements(NO_CAPS),
    )
  })

  test('documents indexed at once never have more chunks than the cap allows', async () => {
    const tenant = await newTenant()
    const most = 20
    const store = await database.transact(tenant, (within) => addStore(within))
    const sizes = [3, 5, 7, 2, 6, 4, 8, 1, 5, 3]
    const kept: number[] = []
    await inParallel(4, sizes, async (size) => {
      try {
        await database.transact(tenant, async (within) => {
          const file = fileOf(1)
          await files.insert(within, file)
          await documents.insert(within, membership(store, file.id))
          const document = indexed(store, file.id, passages(size, file.id))
          await documents.index(within, document, { chunks: most })
        })
        kept.push(size)
      } catch (error) {
        if (!isRefused(error)) throw error
      }
    })
    const sum = kept.reduce((total, size) => total + size, 0)

    expect(sum).toBeLessThanOrEqual(most)
    expect(kept.length).toBeGreaterThan(0)
    await database.transact(tenant, async (within) => {
      expect(await readHeld(within)).toEqual(await counted(within))
    })
  })

  test('a tenant without room for a chunk cannot put a file into a store', async () => {
    const tenant = await newTenant()
    const refused = database.transact(tenant, async (within) => {
      const store = await addStore(within)
      const file = fileOf(1)
      await files.insert(within, file)
      await documents.insert(within, membership(store, file.id), { ...NO_CAPS, chunks: 0 })
    })

    await expect(refused).rejects.toMatchObject({ code: 'limit_reached' })
  })

  test('the counts are what is there, whatever comes and goes at once', async () => {
    const tenant = await newTenant()
    const stores = await database.transact(tenant, async (within) => [
      await addStore(within),
      await addStore(within),
    ])
    const known: { store: string; file: string }[] = []
    const step = fc.record({
      store: fc.nat(1),
      pick: fc.nat(1_000),
      size: fc.integer({ min: 1, max: 6 }),
      action: fc.constantFrom('add', 'add', 'add', 'replace', 'remove', 'delete', 'again', 'empty'),
      fails: fc.boolean(),
    })
    const collided = (error: unknown) =>
      error instanceof AppError && ['conflict', 'resource_not_found'].includes(error.code)

    await inParallel(6, fc.sample(step, { numRuns: 250, seed: 7 }), async (of) => {
      const store = stores[of.store] ?? ''
      const other = known[of.pick % Math.max(known.length, 1)]
      const attempt = async (work: (within: Transaction) => Promise<unknown>) => {
        await database.transact(tenant, async (within) => {
          await work(within)
          if (of.fails && of.pick % 3 === 0) throw new Error('midway')
        })
      }
      const act = async () => {
        const file = fileOf(of.size)
        if (of.action === 'empty') return attempt((within) => files.insert(within, file))
        if (of.action === 'add' || of.action === 'replace') {
          const sourceKey = of.action === 'replace' ? 'same' : null
          const member = { ...membership(store, file.id), sourceKey }
          await database.transact(tenant, (within) => files.insert(within, file))
          await database.transact(tenant, (within) => documents.insert(within, member))
          known.push({ store, file: file.id })
          const document = indexed(store, file.id, passages(of.size, file.id))
          return attempt((within) => documents.index(within, document))
        }
        if (other === undefined) return
        if (of.action === 'delete') return attempt((within) => files.delete(within, other.file))
        if (of.action === 'remove') {
          return attempt((within) => documents.remove(within, other.store, other.file))
        }
        const again = indexed(other.store, other.file, passages(of.size, 'x'))
        return attempt((within) => documents.index(within, again))
      }
      await act().catch((error: unknown) => {
        if (!collided(error) && !String(error).includes('midway')) throw error
      })
    })
    await database.transact(tenant, (within) => vectorStores.delete(within, stores[0] ?? ''))

    await database.transact(tenant, async (within) => {
      expect(await readHeld(within)).toEqual(await counted(within))
      expect((await readHeld(within)).chunks).toBeGreaterThan(0)
    })
  })

  test("another tenant's counts can be neither seen nor changed", async () => {
    const [own, other] = [await newTenant(), await newTenant()]
    await database.transact(other, async (within) => {
      await addIndexed(within, await addStore(within), { passages: passages(2, 'other') })
    })
    const seen = await database.transact(own, (within) =>
      within.query('update tenant_storage set files = 0 returning tenant_id'),
    )

    expect(seen).toEqual([{ tenant_id: own }])
    const held = await database.transact(other, (within) => readHeld(within))
    expect(held).toMatchObject({ files: 1, chunks: 2 })
  })
})

const membership = (vectorStoreId: string, fileId: string) => ({
  vectorStoreId,
  fileId,
  attributes: {},
  batchId: null,
  chunkSize: { maxTokens: 200, overlapTokens: 20 },
  createdAt: new Date(),
  sourceKey: null,
})

function passages(count: number, about: string): readonly Passage[] {
  return Array.from({ length: count }, (_, at) => ({ text: `Sentence ${at} of ${about}.` }))
}
