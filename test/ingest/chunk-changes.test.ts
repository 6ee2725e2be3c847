import { expect, test } from 'vitest'
import { createChangeChunk } from '../../src/ingest/change-chunk.ts'
import type { StoredChunk } from '../../src/core/ports/chunks.ts'
import type { Database } from '../../src/core/ports/database.ts'
import type { IngestJob } from '../../src/core/ports/queue.ts'
import { createAnswers } from '../../src/storage/answers.ts'
import { createChunkIndex } from '../../src/storage/chunk-index.ts'
import { createChunks } from '../../src/storage/chunks.ts'
import { createEmbeddingCache } from '../../src/storage/embedding-cache.ts'
import { ensureEmbeddingSpace } from '../../src/storage/embedding-space.ts'
import { createFreeSpending } from '../free-spending.ts'
import { onEveryBackend } from '../storage/backends.ts'
import { openWorkshop } from './workshop.ts'

const never = new AbortController().signal
const PARTS = ['Granite is hard and old.', 'Marble is soft and white.', 'Slate splits into plates.']
const say = (...parts: readonly string[]) =>
  parts.map((part) => `${part} ${part.split(' ')[0]} `.repeat(4).trim()).join('\n\n')

onEveryBackend('Chunks that people change', (world) => {
  async function open() {
    const workshop = await openWorkshop(world)
    const { database, embedder, tenantId, vectorStoreId } = workshop
    const { id: model, dimensions } = embedder
    const space = await ensureEmbeddingSpace(world.backend.pool, { model, dimensions })
    const chunks = createChunks({ space: { name: space, model } })
    const index = createChunkIndex({ space })
    const change = createChangeChunk({
      database,
      chunks,
      writeModels: async () => [{ embedder, serves: true }],
      embeddingCache: createEmbeddingCache(),
      budgetsOf: async () => [],
      ...createFreeSpending(),
    })
    const within: Database['transact'] = (...call) => database.transact(...call)
    const list = (job: IngestJob) =>
      within(tenantId, (transaction) => chunks.list(transaction, job, { behind: null, limit: 100 }))
    const search = async (text: string) => {
      const [vector = null] = await embedder.embed([text], { kind: 'query' })
      const query = {
        vectorStoreIds: [vectorStoreId],
        text,
        model,
        vector,
        filter: null,
        candidates: 20,
      }
      const found = await within(tenantId, (transaction) => index.search(transaction, query))
      return found
    }
    const add = async (...parts: readonly string[]) => {
      const job = await workshop.add(say(...parts), { sourceKey: 'stones.txt' })
      await workshop.ingestWith({})(job, never)
      return job
    }
    const first = async (job: IngestJob): Promise<StoredChunk> => {
      const [chunk] = await list(job)
      if (chunk === undefined) throw new Error('There is no chunk.')
      return chunk
    }
    return { workshop, chunks, change, list, search, add, first, tenantId, database }
  }

  test('are listed in the order of the document, with their spans', async () => {
    const { add, list, workshop, tenantId } = await open()
    const job = await add(...PARTS)
    const all = await list(job)
    const text = await workshop.blobs.get(
      tenantId,
      (await workshop.document(job))?.textSha256 ?? '',
    )

    expect(all.length).toBeGreaterThan(1)
    expect(all.map(({ ordinal }) => ordinal)).toEqual(all.map((_, at) => at))
    for (const { start, end, text: said } of all)
      expect(text?.subarray(start, end).toString()).toBe(said)
  })

  test('are found by their new text, at once and by meaning too, and no longer by the old', async () => {
    const { add, change, first, search, tenantId } = await open()
    const job = await add(...PARTS)
    const { id, start, end, text } = await first(job)
    await change(tenantId, { id, text: 'Obsidian is glass from volcanoes.' }, never)
    const [hit] = await search('obsidian volcanoes')
    const granite = (await search('granite')).filter(({ bm25 }) => bm25 !== null)

    expect(hit).toMatchObject({ chunkId: id, start, end, originText: text })
    expect(hit?.similarity).toBeGreaterThan(0.3)
    expect(hit?.bm25).toBeGreaterThan(0)
    expect(granite).toEqual([])
  })

  test('have their document’s own text again when they are restored', async () => {
    const { add, change, first, tenantId } = await open()
    const job = await add(...PARTS)
    const before = await first(job)
    await change(tenantId, { id: before.id, text: 'Obsidian.' }, never)
    await change(tenantId, { id: before.id, text: null }, never)

    expect(await first(job)).toEqual(before)
  })

  test('that are disabled are found by no search, and again when enabled', async () => {
    const { add, change, first, search, tenantId } = await open()
    const { id } = await first(await add(...PARTS))
    const ids = async () => (await search('granite')).map(({ chunkId }) => chunkId)
    expect(await ids()).toContain(id)
    await change(tenantId, { id, enabled: false }, never)
    expect(await ids()).not.toContain(id)
    await change(tenantId, { id, enabled: true }, never)
    const [hit] = await search('granite')

    expect(hit?.chunkId).toBe(id)
    expect(hit?.vector).not.toBeNull()
  })

  test('are edited while they are disabled, and found by that once they are enabled', async () => {
    const { add, change, first, search, tenantId } = await open()
    const { id } = await first(await add(...PARTS))
    await change(tenantId, { id, enabled: false }, never)
    await change(tenantId, { id, text: 'Obsidian is glass.' }, never)
    expect((await search('obsidian')).map(({ chunkId }) => chunkId)).not.toContain(id)
    await change(tenantId, { id, enabled: true }, never)

    const hits = (await search('obsidian')).filter(({ bm25 }) => bm25 !== null)
    expect(hits.map(({ chunkId }) => chunkId)).toEqual([id])
  })

  test('are not changed by what they are already', async () => {
    const { add, change, first, tenantId, workshop } = await open()
    const chunk = await first(await add(...PARTS))
    const embedded = workshop.embedder.texts.length
    const done = await change(tenantId, { id: chunk.id, text: chunk.text, enabled: true }, never)

    expect(done?.after).toEqual(chunk)
    expect(workshop.embedder.texts.length).toBe(embedded)
  })

  test('keep both changes, or refuse one, when two are made at once', async () => {
    const { add, change, first, tenantId } = await open()
    const job = await add(...PARTS)
    const { id } = await first(job)
    const outcomes = await Promise.allSettled([
      change(tenantId, { id, text: 'Obsidian.' }, never),
      change(tenantId, { id, text: 'Basalt.' }, never),
    ])
    const done = outcomes.filter(({ status }) => status === 'fulfilled')
    const refused = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))

    expect(done.length).toBeGreaterThan(0)
    for (const reason of refused) expect(reason).toMatchObject({ code: 'conflict' })
    expect((await first(job)).originText).toContain('Granite')
  })

  test('longer than the model reads are refused', async () => {
    const { add, change, first, tenantId } = await open()
    const { id } = await first(await add(...PARTS))

    await expect(change(tenantId, { id, text: 'word '.repeat(600) }, never)).rejects.toMatchObject({
      code: 'input_rejected',
    })
  })

  test('keep their changes when their document comes again with the same text there', async () => {
    const { add, change, list, search, tenantId } = await open()
    const old = await list(await add(...PARTS))
    const [one, two] = [nth(old, 0), nth(old, 1)]
    await change(tenantId, { id: one.id, text: 'Obsidian is glass.' }, never)
    await change(tenantId, { id: two.id, enabled: false }, never)
    const next = await list(await add(...PARTS, 'Chalk is the softest.'))

    expect(next.find(({ text }) => text === 'Obsidian is glass.')).toMatchObject({
      originText: one.text,
      start: one.start,
      end: one.end,
    })
    expect(next.find(({ text }) => text === two.text)?.disabledAt).not.toBeNull()
    expect((await search('obsidian'))[0]?.text).toBe('Obsidian is glass.')
    const shown = (await search(two.text)).map(({ text }) => text)
    expect(shown).not.toContain(two.text)
  })

  test('lose their changes with the text that was changed, and that is told', async () => {
    const { add, change, first, list, tenantId, workshop } = await open()
    const { id } = await first(await add(...PARTS))
    await change(tenantId, { id, text: 'Obsidian is glass.' }, never)
    const next = await list(await add('Gneiss is banded.', ...PARTS.slice(1)))

    expect(next.every(({ originText }) => originText === null)).toBe(true)
    expect(workshop.events.at(-1)).toMatchObject({ type: 'document-indexed', droppedChanges: 1 })
  })

  test('that are changed while their document is indexed anew are not forgotten', async () => {
    const { add, change, first, list, tenantId, workshop } = await open()
    const { id } = await first(await add(...PARTS))
    const job = await workshop.add(say(...PARTS, 'Chalk.'), { sourceKey: 'stones.txt' })
    let isChanged = false
    const embedder = {
      ...workshop.embedder,
      embed: async (...call: Parameters<typeof workshop.embedder.embed>) => {
        if (!isChanged) {
          isChanged = true
          await change(tenantId, { id, text: 'Obsidian is glass.' }, never)
        }
        return workshop.embedder.embed(...call)
      },
    }
    const ingest = workshop.ingestWith({ embedder })
    await expect(ingest(job, never)).rejects.toMatchObject({ code: 'conflict' })
    await ingest(job, never)

    expect((await list(job)).map(({ text }) => text)).toContain('Obsidian is glass.')
  })

  test('go with their document, disabled ones too', async () => {
    const { add, change, first, tenantId, database, list } = await open()
    const job = await add(...PARTS)
    const { id } = await first(job)
    await change(tenantId, { id, enabled: false }, never)
    await database.transact(tenantId, (within) =>
      within.query('delete from documents where tenant_id = $1 and file_id = $2', [
        tenantId,
        job.fileId,
      ]),
    )

    expect((await list(job)).filter((chunk) => chunk.id === id)).toEqual([])
  })

  test('tell which answers cited them, newest first, and answers page by page', async () => {
    const { add, chunks, first, list, tenantId, database } = await open()
    const job = await add(...PARTS)
    const chunk = await first(job)
    const other = (await list(job))[2]
    const answers = createAnswers()
    for (const [at, cited] of [chunk, chunk, other ?? chunk].entries())
      await database.transact(tenantId, (within) =>
        answers.insertTrace(within, traceCiting(`resp_${at}`, cited, at)),
      )
    const citing = (behind: string | null, limit: number) =>
      database.transact(tenantId, (within) => chunks.citedBy(within, chunk, { behind, limit }))

    expect((await citing(null, 5)).map(({ answerId }) => answerId)).toEqual(['resp_1', 'resp_0'])
    expect((await citing('resp_1', 5)).map(({ answerId }) => answerId)).toEqual(['resp_0'])
    expect((await citing(null, 5))[0]).toMatchObject({
      question: 'What of stones?',
      quotes: [{ start: chunk.start, quote: 'Granite' }],
    })
  })

  test('are another tenant’s to nobody', async () => {
    const { add, change, chunks, first, database } = await open()
    const { id } = await first(await add(...PARTS))
    const stranger = await world.newTenant()

    expect(await database.transact(stranger, (within) => chunks.get(within, id))).toBeNull()
    expect(await change(stranger, { id, enabled: false }, never)).toBeNull()
  })

  test.each(['', '0', '-1', 'x', '1e3', '99999999999999999999', "1' or true --"])(
    'are not named by %j',
    async (id) => {
      const { chunks, database, tenantId } = await open()

      expect(await database.transact(tenantId, (within) => chunks.get(within, id))).toBeNull()
    },
  )
})

function nth(chunks: readonly StoredChunk[], at: number): StoredChunk {
  const chunk = chunks[at]
  if (chunk === undefined) throw new Error(`There is no chunk ${at}.`)
  return chunk
}

function traceCiting(answerId: string, chunk: StoredChunk, second: number) {
  const place = { vectorStoreId: chunk.vectorStoreId, fileId: chunk.fileId, chunkId: chunk.id }
  return {
    answerId,
    createdAt: new Date(Date.UTC(2026, 0, 1, 0, 0, second)),
    question: 'What of stones?',
    query: 'stones',
    vectorStoreIds: [chunk.vectorStoreId],
    model: 'extractive',
    outcome: 'answered' as const,
    stages: [],
    candidates: [],
    usage: { inputTokens: 0, outputTokens: 0 },
    citations: [
      {
        ...place,
        number: 1,
        index: 0,
        filename: chunk.filename,
        start: chunk.start,
        end: chunk.start + 7,
        page: null,
        quote: 'Granite',
        score: 1,
      },
    ],
  }
}
