import { expect, test } from 'vitest'
import {
  addDocument,
  addFile,
  addIndexed,
  addStore,
  documents,
  files,
  later,
  sha256,
  stores,
  onEveryLibrary,
} from './library.ts'

onEveryLibrary('vector stores', ({ database, newTenant }) => {
  test('a new store is empty and has what it was given', async () => {
    const tenant = await newTenant()
    const createdAt = later()
    const store = {
      id: 'vs_1',
      name: 'papers',
      metadata: { owner: 'B', 'nul\\u0000': '\0' },
      createdAt,
      expiresAfterDays: 7,
      chunkSize: { maxTokens: 100, overlapTokens: 10 },
    }

    const got = await database.transact(tenant, async (transaction) => {
      await stores.insert(transaction, store)
      return stores.get(transaction, 'vs_1')
    })

    expect(got).toEqual({
      ...store,
      metadata: { owner: 'B', 'nul\\u0000': '\uFFFD' },
      lastActiveAt: createdAt,
      version: 0,
      usageBytes: 0,
      fileCounts: { in_progress: 0, completed: 0, failed: 0, cancelled: 0, total: 0 },
    })
  })

  test('counts files by status and bytes of extracted text', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      const [store, other] = [await addStore(transaction), await addStore(transaction)]
      await addIndexed(transaction, store, { passages: [{ text: 'red' }] })
      await addIndexed(transaction, store, { passages: [{ text: 'blue' }] })
      await addIndexed(transaction, other, { passages: [{ text: 'elsewhere' }] })
      const failing = await addDocument(transaction, store)
      await documents.fail(
        transaction,
        { vectorStoreId: store, fileId: failing },
        { code: 'file_empty', message: 'Empty.' },
      )
      await addDocument(transaction, store, { batchId: 'b' })
      await documents.cancel(transaction, store, 'b')
      await addDocument(transaction, store)
      return stores.get(transaction, store)
    })

    expect(got).toMatchObject({
      usageBytes: 7,
      version: 2,
      fileCounts: { in_progress: 1, completed: 2, failed: 1, cancelled: 1, total: 5 },
    })
  })

  test('is found by its name, the oldest first', async () => {
    const tenant = await newTenant()

    const [first, found, none] = await database.transact(tenant, async (transaction) => [
      await addStore(transaction, 'twice'),
      (await addStore(transaction, 'twice'), (await stores.findByName(transaction, 'twice'))?.id),
      await stores.findByName(transaction, 'Twice'),
    ])

    expect([found, none]).toEqual([first, null])
  })

  test('a change touches only what it names', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      const id = await addStore(transaction, 'before')
      const changed = [
        await stores.update(transaction, id, { expiresAfterDays: 3 }),
        await stores.update(transaction, id, { name: 'after' }),
        await stores.update(transaction, id, { metadata: { a: 'b' } }),
        await stores.update(transaction, id, {}),
        await stores.update(transaction, 'vs_nowhere', { name: 'x' }),
      ]
      return { changed, store: await stores.get(transaction, id) }
    })

    expect(got.changed).toEqual([true, true, true, true, false])
    expect(got.store).toMatchObject({ name: 'after', metadata: { a: 'b' }, expiresAfterDays: 3 })
  })

  test('an expiry can be taken back', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      const id = await addStore(transaction)
      await stores.update(transaction, id, { expiresAfterDays: 3 })
      await stores.update(transaction, id, { expiresAfterDays: null })
      return stores.get(transaction, id)
    })

    expect(got?.expiresAfterDays).toBeNull()
  })

  test('is listed newest first with one row more than asked', async () => {
    const tenant = await newTenant()

    const [ids, listed] = await database.transact(tenant, async (transaction) => {
      const added = [
        await addStore(transaction),
        await addStore(transaction),
        await addStore(transaction),
      ]
      const rows = await stores.list(transaction, {
        after: null,
        before: null,
        limit: 1,
        order: 'desc',
      })
      return [added, rows.map((store) => store.id)]
    })

    expect(listed).toEqual([ids[2], ids[1]])
  })

  test('a deleted store takes its documents and chunks along and leaves the files', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      const [store, kept] = [await addStore(transaction), await addStore(transaction)]
      const fileId = await addIndexed(transaction, store, { passages: [{ text: 'red' }] })
      await addIndexed(transaction, store, { passages: [{ text: 'shared' }] })
      await addIndexed(transaction, kept, { passages: [{ text: 'shared' }] })
      return {
        deleted: await stores.delete(transaction, store),
        again: await stores.delete(transaction, store),
        file: await files.get(transaction, fileId),
        document: await documents.get(transaction, store, fileId),
        chunks: await transaction.query('select text from chunks where tenant_id = $1', [tenant]),
        vectors: await transaction.query('select from vectors_tiny where tenant_id = $1', [tenant]),
      }
    })

    expect(got.deleted).toEqual({ orphans: [sha256('red')] })
    expect(got.again).toBeNull()
    expect(got.file).not.toBeNull()
    expect(got.document).toBeNull()
    expect(got.chunks).toEqual([{ text: 'shared' }])
    expect(got.vectors).toHaveLength(1)
  })

  test('another tenant’s store gives nothing', async () => {
    const [owner, stranger] = [await newTenant(), await newTenant()]
    const id = await database.transact(owner, (transaction) => addStore(transaction, 'mine'))

    const seen = await database.transact(stranger, async (transaction) => [
      await stores.get(transaction, id),
      await stores.findByName(transaction, 'mine'),
      await stores.update(transaction, id, { name: 'stolen' }),
      await stores.delete(transaction, id),
    ])

    expect(seen).toEqual([null, null, false, null])
  })

  test('a document cannot be put into another tenant’s store', async () => {
    const [owner, stranger] = [await newTenant(), await newTenant()]
    const store = await database.transact(owner, (transaction) => addStore(transaction))

    const adding = database.transact(stranger, async (transaction) => {
      const { id } = await addFile(transaction)
      return addDocument(transaction, store, { fileId: id })
    })

    await expect(adding).rejects.toThrow('There is no such vector store.')
  })
})
