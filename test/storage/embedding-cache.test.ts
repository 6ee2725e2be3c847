import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Transaction } from '../../src/core/ports/database.ts'
import { createEmbeddingCache } from '../../src/storage/embedding-cache.ts'
import { sha256, onEveryLibrary } from './library.ts'

const cache = createEmbeddingCache()
const [RED, BLUE] = [sha256('red'), sha256('blue')]
const one = (...values: number[]) => Float32Array.from(values)

const age = (transaction: Transaction, hash: string, days: number) =>
  transaction.query(
    "update embedding_cache set used_at = now() - make_interval(days => $3) where tenant_id = $1 and hash = decode($2, 'hex')",
    [transaction.tenantId, hash, days],
  )
const isFresh = async (transaction: Transaction, hash: string) => {
  const [row] = await transaction.query<{ fresh: boolean }>(
    "select used_at = now() as fresh from embedding_cache where tenant_id = $1 and hash = decode($2, 'hex')",
    [transaction.tenantId, hash],
  )
  return row?.fresh
}

onEveryLibrary('embedding cache', ({ database, newTenant }) => {
  test('gives back what it holds, bit for bit, and only that', async () => {
    const tenant = await newTenant()
    await database.transact(tenant, (transaction) =>
      fc.assert(
        fc.asyncProperty(fc.float32Array({ minLength: 1, maxLength: 8 }), async (vector) => {
          await cache.put(transaction, 'm', new Map([[RED, vector]]))
          const got = await cache.get(transaction, 'm', [RED, BLUE])

          expect([...got.keys()]).toEqual([RED])
          expect(got.get(RED)).toEqual(vector)
        }),
        { numRuns: 20 },
      ),
    )
  })

  test('keeps models apart', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      await cache.put(transaction, 'one', new Map([[RED, one(1)]]))
      return cache.get(transaction, 'other', [RED])
    })

    expect(got.size).toBe(0)
  })

  test('keeps tenants apart', async () => {
    const [owner, stranger] = [await newTenant(), await newTenant()]
    await database.transact(owner, (transaction) =>
      cache.put(transaction, 'm', new Map([[RED, one(1)]])),
    )

    const got = await database.transact(stranger, (transaction) =>
      cache.get(transaction, 'm', [RED]),
    )

    expect(got.size).toBe(0)
  })

  test('takes and gives more than one batch', async () => {
    const tenant = await newTenant()
    const entries = new Map(Array.from({ length: 1203 }, (_, n) => [sha256(`text ${n}`), one(n)]))

    const got = await database.transact(tenant, async (transaction) => {
      await cache.put(transaction, 'm', entries)
      return cache.get(transaction, 'm', [...entries.keys()])
    })

    expect(got.size).toBe(1203)
    expect(got.get(sha256('text 1202'))).toEqual(one(1202))
  })

  test('nothing is asked and nothing given', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      await cache.put(transaction, 'm', new Map())
      return cache.get(transaction, 'm', [])
    })

    expect(got.size).toBe(0)
  })

  test('a hit of an older day is touched, one of today is not', async () => {
    const tenant = await newTenant()
    await database.transact(tenant, async (transaction) => {
      await cache.put(
        transaction,
        'm',
        new Map([
          [RED, one(1)],
          [BLUE, one(2)],
        ]),
      )
      await age(transaction, RED, 2)
    })

    const touched = await database.transact(tenant, async (transaction) => {
      await cache.get(transaction, 'm', [RED, BLUE])
      return [await isFresh(transaction, RED), await isFresh(transaction, BLUE)]
    })

    expect(touched).toEqual([true, false])
  })

  test('a purge takes what nobody asked for in so many days', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      await cache.put(
        transaction,
        'm',
        new Map([
          [RED, one(1)],
          [BLUE, one(2)],
        ]),
      )
      await age(transaction, RED, 8)
      const purged = await cache.purge(transaction, 7)
      return [purged, [...(await cache.get(transaction, 'm', [RED, BLUE])).keys()]]
    })

    expect(got).toEqual([1, [BLUE]])
  })
})
