import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Cursor } from '../../src/core/ports/files.ts'
import {
  addDocument,
  addFile,
  addIndexed,
  addStore,
  documents,
  files,
  sha256,
  stores,
  onEveryLibrary,
} from './library.ts'

const first: Cursor = { after: null, before: null, limit: 100, order: 'asc' }

onEveryLibrary('files', ({ database, newTenant }) => {
  test('a file comes back as it was put in', async () => {
    const tenant = await newTenant()

    const [put, got] = await database.transact(tenant, async (transaction) => {
      const file = await addFile(transaction, {
        bytes: 5_000_000_000,
        expiresAt: new Date('2126-01-01'),
      })
      return [file, await files.get(transaction, file.id)]
    })

    expect(got).toEqual(put)
  })

  test('an unknown file is null', async () => {
    const tenant = await newTenant()

    expect(
      await database.transact(tenant, (transaction) => files.get(transaction, 'file-x')),
    ).toBeNull()
  })

  test('another tenant’s file is neither read, listed nor deleted', async () => {
    const [owner, stranger] = [await newTenant(), await newTenant()]
    const { id } = await database.transact(owner, (transaction) => addFile(transaction))

    const seen = await database.transact(stranger, async (transaction) => [
      await files.get(transaction, id),
      await files.list(transaction, first, null),
      await files.delete(transaction, id),
    ])

    expect(seen).toEqual([null, [], null])
    expect(
      await database.transact(owner, (transaction) => files.get(transaction, id)),
    ).not.toBeNull()
  })

  test('a list can be of one purpose', async () => {
    const tenant = await newTenant()

    const listed = await database.transact(tenant, async (transaction) => {
      await addFile(transaction)
      await addFile(transaction, { purpose: 'user_data' })
      return files.list(transaction, first, 'user_data')
    })

    expect(listed.map((file) => file.purpose)).toEqual(['user_data'])
  })

  test('walking on and walking back both visit every file once, in order, whatever the page and the ties', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3), { maxLength: 12 }),
        fc.record({
          limit: fc.integer({ min: 1, max: 5 }),
          order: fc.constantFrom('asc', 'desc'),
          side: fc.constantFrom('after', 'before'),
        }),
        async (seconds, { limit, order, side }) => {
          const tenant = await newTenant()
          const [expected, visited] = await database.transact(tenant, async (transaction) => {
            const added = []
            for (const second of seconds)
              added.push(await addFile(transaction, { createdAt: new Date(second * 1000) }))
            const sorted = added
              .map((file) => [file.createdAt.getTime(), file.id] as const)
              .toSorted(([t1, i1], [t2, i2]) => t1 - t2 || (i1 < i2 ? -1 : 1))
              .map(([, id]) => id)
            const all = order === 'asc' ? sorted : sorted.toReversed()
            // Backwards begins at the last: it is not among those before it.
            const start = side === 'after' ? null : (all.at(-1) ?? null)
            return [all, await walk(transaction, { limit, order, side, start })]
          })

          expect(visited).toEqual(expected)
        },
      ),
      { numRuns: 25 },
    )
  })

  async function walk(
    transaction: Parameters<typeof files.list>[0],
    by: { limit: number; order: 'asc' | 'desc'; side: 'after' | 'before'; start: string | null },
  ): Promise<string[]> {
    const visited: string[] = by.start === null ? [] : [by.start]
    let at = by.start
    for (;;) {
      const cursor = { after: null, before: null, limit: by.limit, order: by.order, [by.side]: at }
      const rows = await files.list(transaction, cursor, null)
      const page = rows.slice(0, by.limit).map((file) => file.id)
      if (by.side === 'after') visited.push(...page)
      else visited.unshift(...page)
      at = (by.side === 'after' ? page.at(-1) : page[0]) ?? at
      if (rows.length <= by.limit) return visited
    }
  }

  test.for(['after', 'before'] as const)('an unknown cursor is named: %s', async (param) => {
    const tenant = await newTenant()

    const listing = database.transact(tenant, async (transaction) => {
      await addFile(transaction)
      return files.list(transaction, { ...first, [param]: 'file-nowhere' }, null)
    })

    await expect(listing).rejects.toMatchObject({ code: 'input_rejected', param })
  })

  test('the page after the last file is empty, not an error', async () => {
    const tenant = await newTenant()

    const listed = await database.transact(tenant, async (transaction) => {
      const { id } = await addFile(transaction)
      return files.list(transaction, { ...first, after: id }, null)
    })

    expect(listed).toEqual([])
  })

  test('a deleted file leaves every vector store with its chunks, and both blobs are orphans', async () => {
    const tenant = await newTenant()

    const { content, deleted, chunks, document, versions } = await database.transact(
      tenant,
      async (transaction) => {
        const [one, two] = [await addStore(transaction), await addStore(transaction)]
        const fileId = await addIndexed(transaction, one, { passages: [{ text: 'red' }] })
        await addDocument(transaction, two, { fileId })
        const file = await files.get(transaction, fileId)
        return {
          content: file?.sha256,
          deleted: await files.delete(transaction, fileId),
          chunks: await transaction.query(
            'select from chunks where tenant_id = $1 union all select from vectors_tiny where tenant_id = $1',
            [tenant],
          ),
          document: await documents.get(transaction, two, fileId),
          versions: [
            (await stores.get(transaction, one))?.version,
            (await stores.get(transaction, two))?.version,
          ],
        }
      },
    )

    expect(new Set(deleted?.orphans)).toEqual(new Set([content, sha256('red')]))
    expect(chunks).toEqual([])
    expect(document).toBeNull()
    expect(versions).toEqual([2, 1])
  })

  test('a blob that another file has too is no orphan', async () => {
    const tenant = await newTenant()

    const deleted = await database.transact(tenant, async (transaction) => {
      const { id, sha256: content } = await addFile(transaction)
      await addFile(transaction, { sha256: content })
      return files.delete(transaction, id)
    })

    expect(deleted).toEqual({ orphans: [] })
  })

  test('the same content of another tenant keeps no blob of ours', async () => {
    const [tenant, other] = [await newTenant(), await newTenant()]
    const content = sha256(tenant)
    await database.transact(other, (transaction) => addFile(transaction, { sha256: content }))

    const deleted = await database.transact(tenant, async (transaction) => {
      const { id } = await addFile(transaction, { sha256: content })
      return files.delete(transaction, id)
    })

    expect(deleted).toEqual({ orphans: [content] })
  })
})
