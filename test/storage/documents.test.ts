import { expect, test } from 'vitest'
import type { Transaction } from '../../src/core/ports/database.ts'
import { createDocuments } from '../../src/storage/documents.ts'
import {
  addDocument,
  addFile,
  addIndexed,
  addStore,
  documents,
  files,
  indexed,
  later,
  sha256,
  SPACE,
  stores,
  onEveryLibrary,
} from './library.ts'

const texts = async (transaction: Transaction) => {
  const rows = await transaction.query<{ text: string }>(
    'select text from chunks where tenant_id = $1 order by id',
    [transaction.tenantId],
  )
  return rows.map((row) => row.text)
}

onEveryLibrary('documents', ({ database, newTenant, hasAutovacuum }) => {
  test('a new document waits in the queue', async () => {
    const tenant = await newTenant()
    const createdAt = later()

    const got = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      const file = await addFile(transaction, { bytes: 12 })
      const inserted = await documents.insert(transaction, {
        vectorStoreId: store,
        fileId: file.id,
        attributes: { year: 2024, draft: false, by: 'B' },
        batchId: 'vsfb_1',
        chunkSize: { maxTokens: 100, overlapTokens: 10 },
        createdAt,
        sourceKey: '/a/b.txt',
      })
      return { inserted, file, store, document: await documents.get(transaction, store, file.id) }
    })

    expect(got.inserted).toBe(true)
    expect(got.document).toEqual({
      vectorStoreId: got.store,
      fileId: got.file.id,
      filename: got.file.filename,
      fileSha256: got.file.sha256,
      fileBytes: 12,
      status: 'in_progress',
      stage: 'queued',
      attributes: { year: 2024, draft: false, by: 'B' },
      chunkSize: { maxTokens: 100, overlapTokens: 10 },
      sourceKey: '/a/b.txt',
      batchId: 'vsfb_1',
      error: null,
      mediaType: null,
      title: null,
      textSha256: null,
      textBytes: 0,
      chunkCount: 0,
      chunksEmbedded: 0,
      pages: null,
      pagesDone: null,
      stageDone: null,
      workStartedAt: null,
      stageStartedAt: null,
      createdAt,
    })
  })

  test('a file that is there already is not put there again', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      const fileId = await addDocument(transaction, store, { attributes: { n: 1 } })
      const again = await documents.insert(transaction, {
        vectorStoreId: store,
        fileId,
        attributes: { n: 2 },
        batchId: null,
        chunkSize: { maxTokens: 1, overlapTokens: 0 },
        createdAt: later(),
        sourceKey: null,
      })
      return [again, (await documents.get(transaction, store, fileId))?.attributes]
    })

    expect(got).toEqual([false, { n: 1 }])
  })

  test('progress is kept while it runs and not after', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      const fileId = await addDocument(transaction, store)
      const one = { vectorStoreId: store, fileId }
      await documents.setProgress(transaction, one, { stage: 'chunk', chunkCount: 9 })
      await documents.setProgress(transaction, one, { stage: 'embed', chunksEmbedded: 4 })
      const running = await documents.get(transaction, store, fileId)
      await documents.fail(transaction, one, { code: 'parse_timeout', message: 'Too slow.\0' })
      await documents.setProgress(transaction, one, { stage: 'index', chunksEmbedded: 9 })
      return { running, failed: await documents.get(transaction, store, fileId) }
    })

    expect(got.running).toMatchObject({ stage: 'embed', chunkCount: 9, chunksEmbedded: 4 })
    expect(got.failed).toMatchObject({
      status: 'failed',
      stage: 'embed',
      chunksEmbedded: 4,
      error: { code: 'parse_timeout', message: 'Too slow. ' },
    })
  })

  test('an attempt begins with nothing read, and what is read of it is kept', async () => {
    const tenant = await newTenant()

    const [begun, read, again] = await database.transact(tenant, async (transaction) => {
      const vectorStoreId = await addStore(transaction)
      const one = { vectorStoreId, fileId: await addDocument(transaction, vectorStoreId) }
      const look = () => documents.get(transaction, one.vectorStoreId, one.fileId)
      await documents.setProgress(transaction, one, { stage: 'parse' })
      const first = await look()
      const half = { stageDone: 0.5, pages: 300, pagesDone: 150 }
      await documents.setProgress(transaction, one, { stage: 'parse', ...half })
      const second = await look()
      await documents.setProgress(transaction, one, { stage: 'parse' })
      return [first, second, await look()]
    })

    const nothing = { stage: 'parse', stageDone: null, pages: null, pagesDone: null }
    expect(begun).toMatchObject(nothing)
    expect(read).toMatchObject({ stage: 'parse', stageDone: 0.5, pages: 300, pagesDone: 150 })
    expect(read).toMatchObject({
      workStartedAt: begun?.workStartedAt,
      stageStartedAt: begun?.stageStartedAt,
    })
    expect(again).toMatchObject(nothing)
  })

  test('a file counts by parts while it is under way', async () => {
    const tenant = await newTenant()

    const done = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      const fileId = await addDocument(transaction, store)
      const seen: number[] = []
      for (const progress of [
        { stage: 'parse' },
        { stage: 'parse', stageDone: 0.5 },
        { stage: 'chunk' },
        { stage: 'chunk', stageDone: 0.5 },
        { stage: 'embed', chunkCount: 10, chunksEmbedded: 0 },
        { stage: 'embed', chunksEmbedded: 5 },
        { stage: 'index' },
      ] as const) {
        await documents.setProgress(transaction, { vectorStoreId: store, fileId }, progress)
        seen.push((await documents.progress(transaction, store, null)).bytes.done)
      }
      return seen
    })

    expect(done).toEqual([0, 10, 20, 30, 40, 65, 90])
  })

  test('what is done cannot fail any more', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      const fileId = await addIndexed(transaction, store, { passages: [{ text: 'red' }] })
      await documents.fail(
        transaction,
        { vectorStoreId: store, fileId },
        { code: 'file_empty', message: 'x' },
      )
      return documents.get(transaction, store, fileId)
    })

    expect(got).toMatchObject({ status: 'completed', error: null })
  })

  test('an indexed document is complete, with its chunks as they were cut', async () => {
    const tenant = await newTenant()
    const passages = [{ text: 'naïve red' }, { text: 'Ünïcode 🪨 "blue"\\', context: 'Colours' }]

    const got = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      const fileId = await addDocument(transaction, store)
      const result = await documents.index(transaction, indexed(store, fileId, passages))
      return {
        result,
        document: await documents.get(transaction, store, fileId),
        chunks: await transaction.query(
          'select ordinal, start_byte::integer as start, end_byte::integer as end, text, context, headings, page, tokens from chunks where tenant_id = $1 order by ordinal',
          [tenant],
        ),
        expected: indexed(store, fileId, passages),
      }
    })

    expect(got.result).toEqual({ indexed: true, orphans: [] })
    expect(got.document).toMatchObject({
      status: 'completed',
      stage: 'index',
      mediaType: 'text/plain',
      title: 'A title',
      textSha256: got.expected.textSha256,
      textBytes: got.expected.textBytes,
      chunkCount: 2,
      chunksEmbedded: 2,
      error: null,
    })
    expect(got.chunks).toEqual(got.expected.chunks)
  })

  test('indexing again replaces', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      const fileId = await addIndexed(transaction, store, {
        passages: [{ text: 'red' }, { text: 'blue' }],
      })
      const again = await documents.index(transaction, indexed(store, fileId, [{ text: 'green' }]))
      const same = await documents.index(transaction, indexed(store, fileId, [{ text: 'green' }]))
      return {
        again,
        same,
        texts: await texts(transaction),
        vectors: await transaction.query('select from vectors_tiny where tenant_id = $1', [tenant]),
        version: (await stores.get(transaction, store))?.version,
      }
    })

    expect(got.again).toEqual({ indexed: true, orphans: [sha256('red\nblue')] })
    expect(got.same).toEqual({ indexed: true, orphans: [] })
    expect(got.texts).toEqual(['green'])
    expect(got.vectors).toHaveLength(1)
    expect(got.version).toBe(3)
  })

  test('a failing insert leaves the old chunks', async () => {
    const tenant = await newTenant()
    const [store, fileId] = await database.transact(tenant, async (transaction) => {
      const id = await addStore(transaction)
      return [
        id,
        await addIndexed(transaction, id, { passages: [{ text: 'red' }, { text: 'blue' }] }),
      ] as const
    })
    const replacement = indexed(store, fileId, [{ text: 'green' }, { text: 'bad' }])

    const failing = database.transact(tenant, (transaction) =>
      documents.index(transaction, {
        ...replacement,
        vectors: new Map([
          [SPACE.model, [new Float32Array(4).fill(0.5), new Float32Array(3).fill(0.5)]],
        ]),
      }),
    )

    await expect(failing).rejects.toThrow(/dimensions/)
    const after = await database.transact(tenant, async (transaction) => [
      await texts(transaction),
      (await stores.get(transaction, store))?.version,
    ])
    expect(after).toEqual([['red', 'blue'], 1])
  })

  test('thousands of chunks are indexed in their order', async () => {
    const tenant = await newTenant()
    const passages = Array.from({ length: 1203 }, (_, n) => ({
      text: `chunk ${n}`,
      vector: [1, n, 0, 0] as const,
    }))

    const got = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      await addIndexed(transaction, store, { passages })
      return transaction.query<{ text: string; vector: string }>(
        'select text, embedding::text as vector from chunks join vectors_tiny as v on v.tenant_id = chunks.tenant_id and chunk_id = chunks.id where chunks.tenant_id = $1 order by ordinal',
        [tenant],
      )
    })

    expect(got.map((row) => row.text)).toEqual(passages.map((passage) => passage.text))
    const [x, y] = JSON.parse(got[1200]?.vector ?? '[]')
    expect(y / x / 1200).toBeCloseTo(1, 2)
  })

  test('without vectors the words alone are indexed', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      const [one, two] = [
        await addDocument(transaction, store),
        await addDocument(transaction, store),
      ]
      await documents.index(transaction, {
        ...indexed(store, one, [{ text: 'red' }]),
        vectors: new Map(),
      })
      await createDocuments({ space: null }).index(
        transaction,
        indexed(store, two, [{ text: 'blue' }]),
      )
      return [
        await texts(transaction),
        await transaction.query('select from vectors_tiny where tenant_id = $1', [tenant]),
      ]
    })

    expect(got).toEqual([['red', 'blue'], []])
  })

  test('a document without a single chunk is complete too', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      const fileId = await addIndexed(transaction, store, { passages: [] })
      return documents.get(transaction, store, fileId)
    })

    expect(got).toMatchObject({ status: 'completed', chunkCount: 0 })
  })

  test.for(['cancelled', 'removed'] as const)(
    'a document %s meanwhile is not indexed, and nothing is written',
    async (how) => {
      const tenant = await newTenant()

      const got = await database.transact(tenant, async (transaction) => {
        const store = await addStore(transaction)
        const fileId = await addDocument(transaction, store)
        if (how === 'cancelled') await documents.cancel(transaction, store, null)
        else await documents.remove(transaction, store, fileId)
        const result = await documents.index(transaction, indexed(store, fileId, [{ text: 'red' }]))
        const before = how === 'cancelled' ? 0 : 1
        return {
          result,
          texts: await texts(transaction),
          bumps: ((await stores.get(transaction, store))?.version ?? 0) - before,
        }
      })

      expect(got).toEqual({ result: { indexed: false, orphans: [] }, texts: [], bumps: 0 })
    },
  )

  test('the older document with the same source key leaves with its file', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      const old = await addDocument(transaction, store, { sourceKey: '/a.txt' })
      await documents.index(transaction, indexed(store, old, [{ text: 'red' }]))
      const content = (await files.get(transaction, old))?.sha256
      const fresh = await addDocument(transaction, store, { sourceKey: '/a.txt' })
      const other = await addDocument(transaction, store, { sourceKey: '/b.txt' })
      await documents.index(transaction, indexed(store, other, [{ text: 'other' }]))
      const meanwhile = await texts(transaction)
      const result = await documents.index(transaction, indexed(store, fresh, [{ text: 'green' }]))
      return {
        result,
        content,
        meanwhile,
        texts: (await texts(transaction)).toSorted(),
        gone: [await documents.get(transaction, store, old), await files.get(transaction, old)],
        key: (await documents.findBySourceKey(transaction, store, '/a.txt'))?.fileId === fresh,
      }
    })

    expect(got.meanwhile).toEqual(['red', 'other'])
    expect(got.result.indexed).toBe(true)
    expect(new Set(got.result.orphans)).toEqual(new Set([got.content, sha256('red')]))
    expect(got.texts).toEqual(['green', 'other'])
    expect(got.gone).toEqual([null, null])
    expect(got.key).toBe(true)
  })

  test('a replaced file that another store holds stays', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      const [store, other] = [await addStore(transaction), await addStore(transaction)]
      const old = await addDocument(transaction, store, { sourceKey: '/a.txt' })
      await addDocument(transaction, other, { fileId: old })
      const fresh = await addDocument(transaction, store, { sourceKey: '/a.txt' })
      const result = await documents.index(transaction, indexed(store, fresh, [{ text: 'green' }]))
      return [
        result.orphans,
        (await files.get(transaction, old))?.id === old,
        await documents.get(transaction, store, old),
      ]
    })

    expect(got).toEqual([[], true, null])
  })

  test('an older version that finishes last does not push the newer one out', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      const old = await addDocument(transaction, store, { sourceKey: '/a.txt' })
      const fresh = await addDocument(transaction, store, { sourceKey: '/a.txt' })
      await documents.index(transaction, indexed(store, fresh, [{ text: 'green' }]))
      const late = await documents.index(transaction, indexed(store, old, [{ text: 'red' }]))
      return [late.indexed, await texts(transaction)]
    })

    expect(got).toEqual([false, ['green']])
  })

  test('a source key is found while it is running or complete, the newest first', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      const [store, other] = [await addStore(transaction), await addStore(transaction)]
      await addDocument(transaction, other, { sourceKey: '/a' })
      const nothing = await documents.findBySourceKey(transaction, store, '/a')
      const one = await addDocument(transaction, store, { sourceKey: '/a' })
      const two = await addDocument(transaction, store, { sourceKey: '/a' })
      const newest = (await documents.findBySourceKey(transaction, store, '/a'))?.fileId
      await documents.fail(
        transaction,
        { vectorStoreId: store, fileId: two },
        { code: 'file_empty', message: 'x' },
      )
      const afterFailure = (await documents.findBySourceKey(transaction, store, '/a'))?.fileId
      return { nothing, right: newest === two && afterFailure === one }
    })

    expect(got).toEqual({ nothing: null, right: true })
  })

  test('is listed by status and by batch, page by page', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      const done = await addIndexed(transaction, store, { passages: [] })
      const one = await addDocument(transaction, store, { batchId: 'b' })
      const two = await addDocument(transaction, store, { batchId: 'b' })
      const list = async (
        only: Parameters<typeof documents.list>[3],
        after: string | null = null,
      ) =>
        (
          await documents.list(
            transaction,
            store,
            { after, before: null, limit: 9, order: 'asc' },
            only,
          )
        ).map((d) => d.fileId)
      return {
        lists: [
          await list({}),
          await list({ status: 'completed' }),
          await list({ batchId: 'b' }),
          await list({ batchId: 'b' }, one),
          await list({ batchId: 'b', status: 'failed' }),
          await list({ batchId: 'b' }, done),
        ],
        expected: [[done, one, two], [done], [one, two], [two], [], [one, two]],
      }
    })

    expect(got.lists).toEqual(got.expected)
  })

  test('a cursor of another store is unknown', async () => {
    const tenant = await newTenant()

    const listing = database.transact(tenant, async (transaction) => {
      const [store, other] = [await addStore(transaction), await addStore(transaction)]
      const elsewhere = await addDocument(transaction, other)
      await addDocument(transaction, store)
      return documents.list(
        transaction,
        store,
        { after: elsewhere, before: null, limit: 1, order: 'asc' },
        {},
      )
    })

    await expect(listing).rejects.toMatchObject({ code: 'input_rejected', param: 'after' })
  })

  test('attributes are replaced whole', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      const fileId = await addDocument(transaction, store, { attributes: { a: 1 } })
      return [
        await documents.setAttributes(transaction, store, fileId, { b: 'two' }),
        await documents.setAttributes(transaction, store, 'file-nowhere', {}),
        (await documents.get(transaction, store, fileId))?.attributes,
      ]
    })

    expect(got).toEqual([true, false, { b: 'two' }])
  })

  test('cancelling stops what runs, of one batch or of all', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      const done = await addIndexed(transaction, store, { passages: [] })
      await addDocument(transaction, store, { batchId: 'a' })
      await addDocument(transaction, store, { batchId: 'b' })
      await addDocument(transaction, store)
      return [
        await documents.cancel(transaction, store, 'a'),
        await documents.cancel(transaction, store, null),
        await documents.cancel(transaction, store, null),
        (await documents.get(transaction, store, done))?.status,
      ]
    })

    expect(got).toEqual([1, 2, 0, 'completed'])
  })

  test('a removed document goes with its chunks; its file stays', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      const fileId = await addIndexed(transaction, store, { passages: [{ text: 'red' }] })
      await addIndexed(transaction, store, { passages: [{ text: 'blue' }] })
      return {
        removed: [
          await documents.remove(transaction, store, fileId),
          await documents.remove(transaction, store, fileId),
        ],
        texts: await texts(transaction),
        file: await files.get(transaction, fileId),
        version: (await stores.get(transaction, store))?.version,
      }
    })

    expect(got.removed).toEqual([{ orphans: [sha256('red')] }, null])
    expect(got.texts).toEqual(['blue'])
    expect(got.file).not.toBeNull()
    expect(got.version).toBe(3)
  })

  test('progress adds up files, bytes and chunks, of all or of a batch', async () => {
    const tenant = await newTenant()

    const got = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      await addIndexed(transaction, store, { passages: [{ text: 'red' }, { text: 'blue' }] })
      const running = await addDocument(transaction, store, { batchId: 'b' })
      await documents.setProgress(
        transaction,
        { vectorStoreId: store, fileId: running },
        { stage: 'embed', chunkCount: 10, chunksEmbedded: 4 },
      )
      const failing = await addDocument(transaction, store, { batchId: 'b' })
      await documents.fail(
        transaction,
        { vectorStoreId: store, fileId: failing },
        { code: 'file_empty', message: 'x' },
      )
      await addDocument(transaction, store, { batchId: 'gone' })
      await documents.cancel(transaction, store, 'gone')
      return [
        await documents.progress(transaction, store, null),
        await documents.progress(transaction, store, 'b'),
        await documents.progress(transaction, 'vs_nowhere', null),
      ]
    })

    expect(got).toEqual([
      {
        files: { total: 3, done: 1, failed: 1 },
        bytes: { total: 300, done: 260 },
        chunks: { total: 12, done: 6 },
      },
      {
        files: { total: 2, done: 0, failed: 1 },
        bytes: { total: 200, done: 160 },
        chunks: { total: 10, done: 4 },
      },
      {
        files: { total: 0, done: 0, failed: 0 },
        bytes: { total: 0, done: 0 },
        chunks: { total: 0, done: 0 },
      },
    ])
  })

  test('another tenant’s document gives nothing and is not changed', async () => {
    const [owner, stranger] = [await newTenant(), await newTenant()]
    const [store, fileId] = await database.transact(owner, async (transaction) => {
      const id = await addStore(transaction)
      return [id, await addDocument(transaction, id, { sourceKey: '/a' })] as const
    })

    const seen = await database.transact(stranger, async (transaction) => {
      await documents.fail(
        transaction,
        { vectorStoreId: store, fileId },
        { code: 'conflict', message: 'x' },
      )
      await documents.setProgress(transaction, { vectorStoreId: store, fileId }, { stage: 'index' })
      return [
        await documents.get(transaction, store, fileId),
        await documents.findBySourceKey(transaction, store, '/a'),
        await documents.list(
          transaction,
          store,
          { after: null, before: null, limit: 9, order: 'asc' },
          {},
        ),
        await documents.setAttributes(transaction, store, fileId, { stolen: true }),
        await documents.cancel(transaction, store, null),
        await documents.remove(transaction, store, fileId),
        (await documents.index(transaction, indexed(store, fileId, [{ text: 'red' }]))).indexed,
      ]
    })

    expect(seen).toEqual([null, null, [], false, 0, null, false])
    const kept = await database.transact(owner, (transaction) =>
      documents.get(transaction, store, fileId),
    )
    expect(kept).toMatchObject({ status: 'in_progress', stage: 'queued', attributes: {} })
  })

  test('whatever happens at once, nobody waits in a ring and no chunk is left without its document', async () => {
    const tenant = await newTenant()
    const [store, ids] = await database.transact(tenant, async (transaction) => {
      const id = await addStore(transaction)
      const added: string[] = []
      for (let n = 0; n < 8; n += 1)
        added.push(await addDocument(transaction, id, { sourceKey: n < 4 ? '/same' : `/${n}` }))
      return [id, added] as const
    })
    const passages = Array.from({ length: 20 }, (_, n) => ({ text: `passage ${n}` }))
    const works = ids.flatMap((fileId, n) => [
      (transaction: Transaction) => documents.index(transaction, indexed(store, fileId, passages)),
      (transaction: Transaction) =>
        documents.setProgress(transaction, { vectorStoreId: store, fileId }, { stage: 'parse' }),
      (transaction: Transaction) => documents.index(transaction, indexed(store, fileId, passages)),
      (transaction: Transaction) =>
        n % 3 === 0
          ? documents.remove(transaction, store, fileId)
          : n % 3 === 1
            ? files.delete(transaction, fileId)
            : documents.cancel(transaction, store, null),
    ])

    const ended = await Promise.allSettled(
      works.map((work) => database.transact<unknown>(tenant, work)),
    )

    const left = await database.transact(tenant, (transaction) =>
      transaction.query(
        `select from chunks full join documents using (tenant_id, vector_store_id, file_id)
         where tenant_id = $1 group by file_id
         having bool_or(status is distinct from 'completed') and count(ordinal) > 0
           or bool_or(status = 'completed') and count(ordinal) <> 20`,
        [tenant],
      ),
    )
    expect(ended.filter((end) => end.status === 'rejected')).toEqual([])
    expect(left).toEqual([])
  })

  // Where there is an autovacuum it may come first, which is as good.
  test.skipIf(hasAutovacuum)('statistics follow a partition that has grown', async () => {
    const tenant = await newTenant()
    const passages = Array.from({ length: 2000 }, (_, n) => ({ text: `word${n} `.repeat(40) }))

    const [before, after] = await database.transact(tenant, async (transaction) => {
      const analysed = async () => {
        const [row] = await transaction.query<{ tuples: number }>(
          `select reltuples::integer as tuples from pg_class where oid = ('chunks_' || tenant_partition($1))::regclass`,
          [tenant],
        )
        return row?.tuples ?? 0
      }
      const store = await addStore(transaction)
      const earlier = await analysed()
      for (let round = 0; round < 2; round += 1) await addIndexed(transaction, store, { passages })
      return [earlier, await analysed()] as const
    })

    expect(after).toBeGreaterThan(before)
  })
})
