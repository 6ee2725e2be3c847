import { expect, test } from 'vitest'
import { searchableText } from '../../src/core/chunk.ts'
import { AppError } from '../../src/core/errors.ts'
import { createGiveUp } from '../../src/ingest/give-up.ts'
import { createDocuments } from '../../src/storage/documents.ts'
import { onEveryBackend } from '../storage/backends.ts'
import { NO_JOB, openWorkshop } from './workshop.ts'

const never = new AbortController().signal

function prose(about: string, sentences = 30): string {
  return Array.from({ length: sentences }, (_, at) => `Sentence ${at} speaks of ${about}.`).join(
    '\n\n',
  )
}

onEveryBackend('pipeline', (world) => {
  test('a file becomes chunks of exactly its stored text', async () => {
    const workshop = await openWorkshop(world)
    const job = await workshop.add(`# Weather\n\n${prose('größere 漢字 😀')}`, {
      filename: 'weather.md',
    })
    await workshop.ingestWith({})(job, never)

    const record = await workshop.document(job)
    expect(record).toMatchObject({ status: 'completed', title: 'Weather', error: null })
    const text = await workshop.blobs.get(job.tenantId, record?.textSha256 ?? '')
    const rows = await workshop.database.transact(job.tenantId, (transaction) =>
      transaction.query<{ start_byte: number; end_byte: number; text: string }>(
        'select start_byte, end_byte, text from chunks where tenant_id = $1 order by ordinal',
        [job.tenantId],
      ),
    )
    expect(rows.length).toBeGreaterThan(1)
    expect(record?.chunkCount).toBe(rows.length)
    for (const row of rows) {
      expect(text?.subarray(row.start_byte, row.end_byte).toString('utf8')).toBe(row.text)
    }
  })

  test('what is embedded is the text with its context', async () => {
    const workshop = await openWorkshop(world)
    const job = await workshop.add('# Weather\n\n## Rain\n\nIt rains.', { filename: 'weather.md' })
    await workshop.ingestWith({})(job, never)
    expect(workshop.embedder.texts).toEqual([
      searchableText({ context: 'Weather › Rain', text: '# Weather\n\n## Rain\n\nIt rains.' }),
    ])
  })

  test('the same bytes again embed nothing', async () => {
    const workshop = await openWorkshop(world)
    const ingest = workshop.ingestWith({})
    await ingest(await workshop.add(prose('rain')), never)
    const before = workshop.embedder.texts.length
    const again = await workshop.add(prose('rain'))
    await ingest(again, never)
    expect(before).toBeGreaterThan(0)
    expect(workshop.embedder.texts.length).toBe(before)
    expect((await workshop.document(again))?.status).toBe('completed')
  })

  test('a job for a document that is indexed does nothing', async () => {
    const workshop = await openWorkshop(world)
    const job = await workshop.add(prose('rain'))
    await workshop.ingestWith({})(job, never)
    const reader = { read: () => Promise.reject(new Error('read again')) }
    await workshop.ingestWith({ reader })(job, never)
    expect((await workshop.document(job))?.status).toBe('completed')
  })

  test('changed bytes take the place of the old ones in one step', async () => {
    const workshop = await openWorkshop(world)
    const ingest = workshop.ingestWith({})
    const old = await workshop.add(prose('rain'), { sourceKey: 'weather.txt' })
    await ingest(old, never)
    const renewed = await workshop.add(prose('snow'), { sourceKey: 'weather.txt' })
    expect((await workshop.chunkTexts(old)).join()).toContain('rain')
    await ingest(renewed, never)
    expect(await workshop.document(old)).toBeNull()
    expect(await workshop.chunkTexts(old)).toEqual([])
    expect((await workshop.chunkTexts(renewed)).join()).toContain('snow')
  })

  test('a replacement that fails leaves what it was to replace', async () => {
    const workshop = await openWorkshop(world)
    const ingest = workshop.ingestWith({})
    const old = await workshop.add(prose('rain'), { sourceKey: 'data.json', filename: 'data.json' })
    const good = await workshop.add('{"weather": "rain"}', {
      sourceKey: 'a.json',
      filename: 'a.json',
    })
    await ingest(good, never)
    const bad = await workshop.add('{"weather": ', { sourceKey: 'a.json', filename: 'a.json' })
    await ingest(bad, never)
    expect((await workshop.document(bad))?.error?.code).toBe('file_malformed')
    expect((await workshop.document(good))?.status).toBe('completed')
    expect(await workshop.chunkTexts(good)).toHaveLength(1)
    expect(old.fileId).not.toBe(good.fileId)
  })

  test('a bad file says why, and the next one goes on', async () => {
    const workshop = await openWorkshop(world)
    const ingest = workshop.ingestWith({})
    const bad = await workshop.add('{"broken": [', { filename: 'bad.json' })
    const good = await workshop.add(prose('rain'))
    await ingest(bad, never)
    await ingest(good, never)
    expect(await workshop.document(bad)).toMatchObject({
      status: 'failed',
      error: { code: 'file_malformed' },
    })
    expect((await workshop.document(good))?.status).toBe('completed')
    expect(workshop.events.map(({ type }) => type)).toContain('document-failed')
  })

  test('a file whose content is gone is no further attempt, and says so', async () => {
    const workshop = await openWorkshop(world)
    const job = await workshop.add(prose('rain'))
    const buried: unknown[] = []
    const blobs = { ...workshop.blobs, get: async () => null }
    const outcome = await workshop.ingestWith({ blobs })(job, never, {
      ...NO_JOB,
      bury: async (_transaction, error) => void buried.push(error),
    })

    expect(outcome).toBe('settled')
    expect(buried).toEqual([expect.objectContaining({ code: 'content_missing' })])
    expect(await workshop.document(job)).toMatchObject({
      status: 'failed',
      error: { code: 'content_missing', message: expect.stringContaining(job.fileId) },
    })
  })

  test('embeddings made before a crash are not made again', async () => {
    const workshop = await openWorkshop(world)
    const job = await workshop.add(prose('rain', 600))
    let calls = 0
    const crashing = {
      ...workshop.embedder,
      embed: async (...call: Parameters<typeof workshop.embedder.embed>) => {
        calls += 1
        if (calls === 2) throw new AppError('provider_unavailable', 'The service does not answer.')
        return workshop.embedder.embed(...call)
      },
    }
    await expect(workshop.ingestWith({ embedder: crashing })(job, never)).rejects.toThrow(
      'does not answer',
    )
    expect((await workshop.document(job))?.status).toBe('in_progress')
    const before = workshop.embedder.texts.length
    expect(before).toBe(64)
    await workshop.ingestWith({})(job, never)
    const texts = workshop.embedder.texts
    expect(new Set(texts).size).toBe(texts.length)
    expect((await workshop.document(job))?.chunkCount).toBe(texts.length)
  })

  test('a crash inside the index transaction leaves nothing half-indexed', async () => {
    const workshop = await openWorkshop(world)
    const job = await workshop.add(prose('rain'))
    const documents = createDocuments({ space: null })
    const crashing = {
      ...documents,
      index: async (...call: Parameters<typeof documents.index>) => {
        await documents.index(...call)
        throw new Error('crash')
      },
    }
    await expect(workshop.ingestWith({ documents: crashing })(job, never)).rejects.toThrow('crash')
    expect(await workshop.countChunks()).toBe(0)
    expect((await workshop.document(job))?.status).toBe('in_progress')
    await workshop.ingestWith({})(job, never)
    expect((await workshop.document(job))?.status).toBe('completed')
  })

  test('a document cancelled while it is embedded is left alone', async () => {
    const workshop = await openWorkshop(world)
    const job = await workshop.add(prose('rain'))
    const cancelling = {
      ...workshop.embedder,
      embed: async (...call: Parameters<typeof workshop.embedder.embed>) => {
        await workshop.database.transact(job.tenantId, (transaction) =>
          createDocuments({ space: null }).cancel(transaction, job.vectorStoreId, null),
        )
        return workshop.embedder.embed(...call)
      },
    }
    await workshop.ingestWith({ embedder: cancelling })(job, never)
    expect((await workshop.document(job))?.status).toBe('cancelled')
    expect(await workshop.countChunks()).toBe(0)
  })

  test('a document taken out and put back is left to its own job', async () => {
    const workshop = await openWorkshop(world)
    const job = await workshop.add(prose('rain'))
    const replacing = {
      ...workshop.embedder,
      embed: async (...call: Parameters<typeof workshop.embedder.embed>) => {
        await workshop.database.transact(job.tenantId, (transaction) =>
          createDocuments({ space: null }).remove(transaction, job.vectorStoreId, job.fileId),
        )
        await workshop.submission.addToStore(job.tenantId, {
          ...job,
          attributes: {},
          chunkSize: { maxTokens: 10, overlapTokens: 0 },
          sourceKey: null,
          batchId: null,
        })
        return workshop.embedder.embed(...call)
      },
    }
    await workshop.ingestWith({ embedder: replacing })(job, never)
    expect((await workshop.document(job))?.status).toBe('in_progress')
    expect(await workshop.countChunks()).toBe(0)
  })

  test('aborting ends the work and indexes nothing', async () => {
    const workshop = await openWorkshop(world)
    const job = await workshop.add(prose('rain'))
    const stop = new AbortController()
    const embedder = {
      ...workshop.embedder,
      embed: async (...call: Parameters<typeof workshop.embedder.embed>) => {
        stop.abort(new Error('the worker stops'))
        return workshop.embedder.embed(...call)
      },
    }
    await expect(workshop.ingestWith({ embedder })(job, stop.signal)).rejects.toThrow(
      'the worker stops',
    )
    expect(await workshop.countChunks()).toBe(0)
    expect((await workshop.document(job))?.status).toBe('in_progress')
  })

  test('without an embedding model a document is indexed by its words', async () => {
    const workshop = await openWorkshop(world)
    const job = await workshop.add(prose('rain'))
    await workshop.ingestWith({ embedder: null })(job, never)
    expect((await workshop.document(job))?.status).toBe('completed')
    expect(await workshop.countChunks()).toBeGreaterThan(0)
  })

  test('events tell the stages in order and end with the chunks indexed', async () => {
    const workshop = await openWorkshop(world)
    const job = await workshop.add(prose('rain'))
    await workshop.ingestWith({})(job, never)
    const said = workshop.events.map((event) =>
      event.type === 'stage-started' ? event.stage : event.type,
    )
    expect(said.filter((word) => word !== 'chunks-embedded')).toEqual([
      'parse',
      'embed',
      'index',
      'document-indexed',
    ])
    expect(workshop.events.at(-1)).toMatchObject({ ...job, chunks: await workshop.countChunks() })
  })

  test('a document given up on says what failed', async () => {
    const workshop = await openWorkshop(world)
    const job = await workshop.add(prose('rain'))
    const giveUp = createGiveUp({
      database: workshop.database,
      documents: createDocuments({ space: null }),
    })
    await giveUp(
      job,
      new AppError('provider_unavailable', 'The embedding service does not answer.'),
      NO_JOB,
    )
    expect(await workshop.document(job)).toMatchObject({
      status: 'failed',
      error: { code: 'provider_unavailable', message: expect.stringContaining('does not answer') },
    })
  })
})
