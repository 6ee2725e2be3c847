import OpenAI, { toFile } from 'openai'
import { expect, test } from 'vitest'
import { exampleChunk } from './fake-answer.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()
const upload = async (text = 'hello') =>
  (
    await world().client.files.create({
      file: await toFile(Buffer.from(text), 'a.txt'),
      purpose: 'assistants',
    })
  ).id
const newStore = async (name = 'papers') => (await world().client.vectorStores.create({ name })).id
/** A store with one file in it. */
const filled = async () => {
  const [storeId, fileId] = [await newStore(), await upload()]
  await world().client.vectorStores.files.create(storeId, { file_id: fileId })
  return { storeId, fileId, at: { vector_store_id: storeId } }
}

test('a new vector store is empty and ready', async () => {
  expect(
    await world().client.vectorStores.create({ name: 'x', metadata: { a: 'b' } }),
  ).toMatchObject({
    object: 'vector_store',
    name: 'x',
    metadata: { a: 'b' },
    status: 'completed',
    file_counts: { total: 0 },
    usage_bytes: 0,
    expires_at: null,
  })
})

test('a vector store made with files has them', async () => {
  const file = await upload()
  const store = await world().client.vectorStores.create({ file_ids: [file, file] })

  expect([store.status, store.file_counts.total]).toEqual(['in_progress', 1])
})

test('a vector store with an unknown file is not made', async () => {
  const client = world().clientFor(await world().newTenantKey())

  await expect(client.vectorStores.create({ file_ids: ['file-none'] })).rejects.toMatchObject({
    status: 404,
    param: 'file_ids',
  })
  expect((await client.vectorStores.list()).data).toEqual([])
})

test('a vector store says when it expires', async () => {
  const store = await world().client.vectorStores.create({
    expires_after: { anchor: 'last_active_at', days: 2 },
  })

  expect((store.expires_at ?? 0) - (store.last_active_at ?? 0)).toBe(172_800)
})

test('an update changes what it names and empties what it nulls', async () => {
  const { vectorStores } = world().client
  const { id } = await vectorStores.create({ name: 'a', metadata: { k: 'v' } })
  await vectorStores.update(id, { name: 'b' })

  expect(await vectorStores.retrieve(id)).toMatchObject({ name: 'b', metadata: { k: 'v' } })
  expect(await vectorStores.update(id, { metadata: null })).toMatchObject({
    name: 'b',
    metadata: {},
  })
})

test('vector stores are listed page by page in both directions', async () => {
  const { vectorStores } = world().clientFor(await world().newTenantKey())
  const made: string[] = []
  for (const name of ['a', 'b', 'c']) made.push((await vectorStores.create({ name })).id)
  const listed: string[] = []
  for await (const { id } of vectorStores.list({ limit: 2 })) listed.push(id)
  const before = await vectorStores.list({ before: made[0] ?? '', limit: 1, order: 'desc' })

  expect(listed).toEqual(made.toReversed())
  expect(before.data.map(({ id }) => id)).toEqual([made[1]])
})

test('a deleted vector store is gone, its files stay', async () => {
  const { storeId, fileId } = await filled()

  expect(await world().client.vectorStores.delete(storeId)).toEqual({
    id: storeId,
    object: 'vector_store.deleted',
    deleted: true,
  })
  await expect(world().client.vectorStores.retrieve(storeId)).rejects.toThrow(OpenAI.NotFoundError)
  expect((await world().client.files.retrieve(fileId)).id).toBe(fileId)
})

test('a file that is added is on its way', async () => {
  const [storeId, fileId] = [await newStore(), await upload()]
  const file = await world().client.vectorStores.files.create(storeId, {
    file_id: fileId,
    attributes: { year: 2024, draft: false },
    chunking_strategy: {
      type: 'static',
      static: { max_chunk_size_tokens: 200, chunk_overlap_tokens: 50 },
    },
  })

  expect(file).toMatchObject({
    id: fileId,
    object: 'vector_store.file',
    vector_store_id: storeId,
    status: 'in_progress',
    last_error: null,
    attributes: { year: 2024, draft: false },
    chunking_strategy: {
      type: 'static',
      static: { max_chunk_size_tokens: 200, chunk_overlap_tokens: 50 },
    },
  })
})

test('an overlap of more than half is refused', async () => {
  await expect(
    world().client.vectorStores.create({
      chunking_strategy: {
        type: 'static',
        static: { max_chunk_size_tokens: 200, chunk_overlap_tokens: 101 },
      },
    }),
  ).rejects.toMatchObject({ status: 400, param: 'chunking_strategy.static.chunk_overlap_tokens' })
})

test('a file that is being read has no text yet', async () => {
  const { fileId, at } = await filled()

  await expect(world().client.vectorStores.files.content(fileId, at)).rejects.toMatchObject({
    status: 409,
  })
})

test('the text of an indexed file is one piece, byte for byte', async () => {
  const { storeId, fileId, at } = await filled()
  const text = '\uFEFFZeile 1\r\nZeile 2 – „Zitat“ 🪨\n'
  await world().index({ vectorStoreId: storeId, fileId }, text)

  expect((await world().client.vectorStores.files.content(fileId, at)).data).toEqual([
    { type: 'text', text },
  ])
})

test('polling ends when the file is indexed', async () => {
  const { storeId, fileId } = await filled()
  await world().index({ vectorStoreId: storeId, fileId }, 'text')

  expect((await world().client.vectorStores.files.poll(storeId, fileId)).status).toBe('completed')
})

test('a failed file says why, in one of the words of OpenAI', async () => {
  const { deps, tenantId, client } = world()
  const { storeId, fileId, at } = await filled()
  await deps.database.transact(tenantId, (transaction) =>
    deps.documents.fail(
      transaction,
      { vectorStoreId: storeId, fileId },
      { code: 'file_type_unsupported', message: 'This is a picture.' },
    ),
  )

  expect(await client.vectorStores.files.retrieve(fileId, at)).toMatchObject({
    status: 'failed',
    last_error: { code: 'unsupported_file', message: 'This is a picture.' },
    ragstone: { error_code: 'file_type_unsupported' },
  })
})

test('attributes are replaced whole', async () => {
  const { fileId, at } = await filled()
  const { files } = world().client.vectorStores

  expect((await files.update(fileId, { ...at, attributes: { a: 1 } })).attributes).toEqual({ a: 1 })
  expect((await files.update(fileId, { ...at, attributes: null })).attributes).toEqual({})
})

test('files are listed by status', async () => {
  const { storeId, fileId } = await filled()
  const other = await upload()
  await world().client.vectorStores.files.create(storeId, { file_id: other })
  await world().index({ vectorStoreId: storeId, fileId }, 'text')
  const { data } = await world().client.vectorStores.files.list(storeId, { filter: 'completed' })

  expect(data.map(({ id }) => id)).toEqual([fileId])
})

test('a file taken out of a store stays a file', async () => {
  const { fileId, at } = await filled()

  expect(await world().client.vectorStores.files.delete(fileId, at)).toMatchObject({
    deleted: true,
  })
  expect((await world().client.files.retrieve(fileId)).id).toBe(fileId)
  await expect(world().client.vectorStores.files.retrieve(fileId, at)).rejects.toThrow(
    OpenAI.NotFoundError,
  )
})

test('the store is named where the store is what is missing', async () => {
  await expect(
    world().client.vectorStores.files.retrieve('file-1', { vector_store_id: 'vs_none' }),
  ).rejects.toThrow(/vector store with id 'vs_none'/)
})

test('a batch counts its own files', async () => {
  const storeId = await newStore()
  const { fileBatches, files } = world().client.vectorStores
  await files.create(storeId, { file_id: await upload() })
  const [first, second] = [await upload(), await upload()]
  const batch = await fileBatches.create(storeId, { file_ids: [first, second] })
  await world().index({ vectorStoreId: storeId, fileId: first }, 'text')

  expect(await fileBatches.retrieve(batch.id, { vector_store_id: storeId })).toMatchObject({
    object: 'vector_store.files_batch',
    status: 'in_progress',
    file_counts: { total: 2, completed: 1, in_progress: 1 },
  })
})

test('a batch takes attributes for each file', async () => {
  const storeId = await newStore()
  const fileId = await upload()
  const batch = await world().client.vectorStores.fileBatches.create(storeId, {
    files: [{ file_id: fileId, attributes: { n: 1 } }],
  })
  const at = { vector_store_id: storeId }

  expect(
    (await world().client.vectorStores.fileBatches.listFiles(batch.id, at)).data,
  ).toMatchObject([{ id: fileId, attributes: { n: 1 } }])
})

test('a cancelled batch stops what is not through', async () => {
  const storeId = await newStore()
  const { fileBatches } = world().client.vectorStores
  const { id } = await fileBatches.create(storeId, { file_ids: [await upload()] })

  expect(await fileBatches.cancel(id, { vector_store_id: storeId })).toMatchObject({
    status: 'cancelled',
    file_counts: { cancelled: 1 },
  })
})

test('a batch counts files that were in the store already', async () => {
  const storeId = await newStore()
  const { fileBatches, files } = world().client.vectorStores
  const [there, added] = [await upload(), await upload()]
  await files.create(storeId, { file_id: there })
  await world().index({ vectorStoreId: storeId, fileId: there }, 'text')
  const batch = await fileBatches.create(storeId, { file_ids: [there, added] })
  const at = { vector_store_id: storeId }

  expect(batch).toMatchObject({
    status: 'in_progress',
    file_counts: { total: 2, completed: 1, in_progress: 1 },
  })
  expect((await fileBatches.retrieve(batch.id, at)).file_counts).toEqual(batch.file_counts)
  expect((await fileBatches.listFiles(batch.id, at)).data.map(({ id }) => id).toSorted()).toEqual(
    [there, added].toSorted(),
  )
})

test('the files of a batch are listed by status and page by page', async () => {
  const storeId = await newStore()
  const { fileBatches } = world().client.vectorStores
  const ids = [await upload(), await upload(), await upload()]
  const { id } = await fileBatches.create(storeId, { file_ids: ids })
  await world().index({ vectorStoreId: storeId, fileId: ids[1] ?? '' }, 'text')
  const at = { vector_store_id: storeId, order: 'asc' as const }
  const seen: string[] = []
  for await (const file of fileBatches.listFiles(id, { ...at, limit: 2 })) seen.push(file.id)

  expect(seen).toEqual(ids)
  const done = await fileBatches.listFiles(id, { ...at, filter: 'completed' })
  expect(done.data.map((file) => file.id)).toEqual([ids[1]])
})

test('the same batch sent twice is two batches of the same files', async () => {
  const storeId = await newStore()
  const body = { file_ids: [await upload(), await upload()] }
  const { fileBatches } = world().client.vectorStores
  const [first, second] = [
    await fileBatches.create(storeId, body),
    await fileBatches.create(storeId, body),
  ]

  expect(second.id).not.toBe(first.id)
  expect(second.file_counts).toEqual(first.file_counts)
})

test('a cancelled batch leaves work that was begun before it', async () => {
  const storeId = await newStore()
  const { fileBatches, files } = world().client.vectorStores
  const before = await upload()
  await files.create(storeId, { file_id: before })
  const { id } = await fileBatches.create(storeId, { file_ids: [before, await upload()] })

  expect(await fileBatches.cancel(id, { vector_store_id: storeId })).toMatchObject({
    status: 'cancelled',
    file_counts: { total: 2, in_progress: 1, cancelled: 1 },
  })
})

test('a batch whose files are through is not cancelled any more', async () => {
  const storeId = await newStore()
  const { fileBatches } = world().client.vectorStores
  const fileId = await upload()
  const { id } = await fileBatches.create(storeId, { file_ids: [fileId] })
  await world().index({ vectorStoreId: storeId, fileId }, 'text')

  expect((await fileBatches.cancel(id, { vector_store_id: storeId })).status).toBe('completed')
})

test('a batch with an unknown file adds none', async () => {
  const storeId = await newStore()
  const { vectorStores } = world().client
  const body = { file_ids: [await upload(), 'file-none'] }

  await expect(vectorStores.fileBatches.create(storeId, body)).rejects.toMatchObject({
    status: 404,
  })
  expect((await vectorStores.retrieve(storeId)).file_counts.total).toBe(0)
})

test('an unknown batch is not found', async () => {
  const at = { vector_store_id: await newStore() }

  await expect(world().client.vectorStores.fileBatches.retrieve('vsfb_none', at)).rejects.toThrow(
    OpenAI.NotFoundError,
  )
})

test('a search asks for what it was told', async () => {
  const storeId = await newStore()
  await world().client.vectorStores.search(storeId, {
    query: 'notice',
    filters: { type: 'eq', key: 'language', value: 'en' },
    max_num_results: 5,
    ranking_options: { ranker: 'auto', score_threshold: 0.2 },
  })

  expect(world().searches.at(-1)).toEqual({
    limits: expect.objectContaining({ files: null }),
    caller: expect.objectContaining({ requestId: expect.stringMatching(/^req_/) }),
    tenantId: world().tenantId,
    vectorStoreIds: [storeId],
    text: 'notice',
    filter: { type: 'eq', key: 'language', value: 'en' },
    limit: 5,
    scoreThreshold: 0.2,
  })
})

test('a search may ask for variety', async () => {
  const { id } = await world().client.vectorStores.create({})
  const ranking = { mmr_lambda: 0.5 } as OpenAI.VectorStores.VectorStoreSearchParams.RankingOptions
  await world().client.vectorStores.search(id, { query: 'notice', ranking_options: ranking })

  expect(world().searches.at(-1)).toMatchObject({ mmrLambda: 0.5 })
})

test('a query that may be rewritten is searched without the politeness around it', async () => {
  const { id } = await world().client.vectorStores.create({})
  const page = await world().client.vectorStores.search(id, {
    query: "Hello, I'd like to know the notice period. Thanks!",
    rewrite_query: true,
  })

  expect(world().searches.at(-1)?.text).toBe('the notice period.')
  expect(page).toMatchObject({ body: { search_query: ['the notice period.'] } })
})

test('a result says where its text lies', async () => {
  world().found = [exampleChunk()]
  const page = await world().client.vectorStores.search(await newStore(), { query: 'notice' })

  expect(page.data).toEqual([
    {
      file_id: 'file-1',
      filename: 'lease.txt',
      score: 0.9,
      attributes: { language: 'en' },
      content: [{ type: 'text', text: 'Notice is given in days.' }],
      ragstone: {
        vector_store_id: 'vs_1',
        chunk_id: '7',
        start: 0,
        end: 24,
        page: 3,
        headings: ['Terms'],
        similarity: 0.8,
        bm25: 4.2,
      },
    },
  ])
})

test('several queries are merged, each chunk once and the best first', async () => {
  const scores = [0.5, 0.7]
  world().found = []
  const { url } = await world().listen({
    search: async ({ text }) => [
      exampleChunk({ chunkId: 'both', score: scores.pop() ?? 0 }),
      exampleChunk({ chunkId: text, score: 0.6 }),
    ],
  })
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: world().key })
  const page = await client.vectorStores.search(await newStore(), { query: ['a', 'b'] })

  expect(page.data.map(({ score }) => score)).toEqual([0.7, 0.6, 0.6])
})

test('an expired store is not searched', async () => {
  const { deps, tenantId, client } = world()
  const { id } = await client.vectorStores.create({
    expires_after: { anchor: 'last_active_at', days: 1 },
  })
  await deps.database.transact(tenantId, (transaction) =>
    transaction.query(
      "update vector_stores set last_active_at = now() - interval '2 days' where tenant_id = $1 and id = $2",
      [tenantId, id],
    ),
  )

  expect((await client.vectorStores.retrieve(id)).status).toBe('expired')
  await expect(client.vectorStores.search(id, { query: 'x' })).rejects.toThrow(/expired on/)
})

const api = async (path: string) => {
  const response = await fetch(`${world().url}${path}`, {
    headers: { authorization: `Bearer ${world().key}` },
  })
  return (await response.json()) as Record<string, unknown>
}

test('a file is found by its source key', async () => {
  const [storeId, fileId] = [await newStore(), await upload()]
  await world().client.vectorStores.files.create(storeId, {
    file_id: fileId,
    source_key: '/docs/a b.txt',
  } as OpenAI.VectorStores.FileCreateParams)
  const path = `/api/vector_stores/${storeId}/documents?source_key=`

  expect(await api(`${path}${encodeURIComponent('/docs/a b.txt')}`)).toMatchObject({
    data: [{ id: fileId, ragstone: { source_key: '/docs/a b.txt', sha256: expect.any(String) } }],
  })
  expect(await api(`${path}none`)).toMatchObject({ data: [] })
})

test('progress counts what is through', async () => {
  const { storeId, fileId } = await filled()
  await world().index({ vectorStoreId: storeId, fileId }, 'text')

  expect(await api(`/api/vector_stores/${storeId}/progress`)).toMatchObject({
    vector_store_id: storeId,
    seconds_left: 0,
  })
})
