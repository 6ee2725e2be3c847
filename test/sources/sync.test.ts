import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NO_CAPS } from '../../src/core/caps.ts'
import { AppError } from '../../src/core/errors.ts'
import type { SyncRecord } from '../../src/core/source.ts'
import { onEveryBackend } from '../storage/backends.ts'
import { openSyncWorkshop, wishFor, type SyncWorkshop } from './sync-workshop.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const hashes = (documents: ReadonlyMap<string, string>) =>
  Object.fromEntries([...documents].map(([key, text]) => [key, sha256(text)]))
const counts = ({ counts }: SyncRecord, ...names: (keyof SyncRecord['counts'])[]) =>
  names.map((name) => counts[name])
const fill = ({ fake }: SyncWorkshop, count: number, word = 'text') => {
  for (let index = 0; index < count; index += 1)
    fake.documents.set(`file-${String(index).padStart(5, '0')}`, `${word} ${index}`)
}

onEveryBackend('a sync', (world) => {
  test('takes in what is there, once, as jobs that go behind all others', async () => {
    const workshop = await openSyncWorkshop(world)
    fill(workshop, 10)
    const sync = await workshop.sync()

    expect(sync).toMatchObject({ status: 'completed', error: null })
    expect(counts(sync, 'listed', 'added', 'unchanged')).toEqual([10, 10, 0])
    expect(await workshop.stored()).toEqual(hashes(workshop.fake.documents))
    expect(workshop.ingestJobs).toHaveLength(10)
  })

  test('names the source of every document, beside what its kind says of it', async () => {
    const workshop = await openSyncWorkshop(world)
    workshop.fake.documents.set('notes/a', 'text')
    await workshop.sync()
    const [row] = await workshop.database.transact(workshop.tenantId, (transaction) =>
      transaction.query('select attributes, source_key from documents where tenant_id = $1', [
        workshop.tenantId,
      ]),
    )

    expect(row).toEqual({
      attributes: { path: 'notes/a', source_id: workshop.source.id },
      source_key: `${workshop.source.id}:notes/a`,
    })
  })

  test('a second one reads nothing where versions tell', async () => {
    const workshop = await openSyncWorkshop(world)
    fill(workshop, 10)
    await workshop.sync()
    workshop.fake.reads.length = 0
    const sync = await workshop.sync()

    expect(counts(sync, 'added', 'unchanged')).toEqual([0, 10])
    expect(workshop.fake.reads).toEqual([])
    expect(workshop.ingestJobs).toHaveLength(10)
  })

  test('a second one makes nothing anew where only reading tells', async () => {
    const workshop = await openSyncWorkshop(world)
    workshop.fake.tellsVersions = false
    fill(workshop, 10)
    await workshop.sync()
    const sync = await workshop.sync()

    expect(counts(sync, 'changed', 'unchanged')).toEqual([0, 10])
    expect(workshop.ingestJobs).toHaveLength(10)
  })

  test('attributes that are others are renewed, and nothing is read anew', async () => {
    const workshop = await openSyncWorkshop(world)
    const { fake, source } = workshop
    fake.tellsVersions = false
    fill(workshop, 2)
    await workshop.sync()
    fake.attributes.set('file-00000', { commit: 'b2' })
    const dry = await workshop.sync({ dryRun: true })
    const before = await workshop.attributes()
    const sync = await workshop.sync()

    expect([dry, sync].map((each) => counts(each, 'changed', 'unchanged'))).toEqual([
      [1, 1],
      [1, 1],
    ])
    expect(before['file-00000']).toEqual({ path: 'file-00000', source_id: source.id })
    expect(await workshop.attributes()).toEqual({
      'file-00000': { path: 'file-00000', commit: 'b2', source_id: source.id },
      'file-00001': { path: 'file-00001', source_id: source.id },
    })
    expect(await workshop.notes(sync.id)).toMatchObject([
      { key: 'file-00000', action: 'changed', reason: expect.stringContaining('attributes') },
    ])
    expect(sync.bytes).toBe(0)
    expect(workshop.ingestJobs).toHaveLength(2)
    expect(counts(await workshop.sync(), 'changed', 'unchanged')).toEqual([0, 2])
  })

  test('attributes that people have added stay when the source renews its own', async () => {
    const workshop = await openSyncWorkshop(world)
    const { fake, source, deps, tenantId } = workshop
    fake.tellsVersions = false
    fill(workshop, 1)
    await workshop.sync()
    const [fileId = ''] = workshop.ingestJobs
    await workshop.database.transact(tenantId, (transaction) =>
      deps.documents.setAttributes(transaction, workshop.vectorStoreId, fileId, {
        path: 'file-00000',
        source_id: source.id,
        owner: 'Ada',
      }),
    )
    expect(counts(await workshop.sync(), 'changed', 'unchanged')).toEqual([0, 1])
    fake.attributes.set('file-00000', { commit: 'b2' })
    await workshop.sync()

    expect((await workshop.attributes())['file-00000']).toMatchObject({
      owner: 'Ada',
      commit: 'b2',
    })
  })

  test('unchanged documents cost no round trips of their own', async () => {
    const workshop = await openSyncWorkshop(world)
    fill(workshop, 200)
    await workshop.sync()
    world.takeStatements()
    await workshop.sync()

    expect(world.takeStatements().length).toBeLessThan(50)
  })

  test('follows additions, changes and deletions', async () => {
    const workshop = await openSyncWorkshop(world)
    fill(workshop, 10)
    await workshop.sync()
    const { documents } = workshop.fake
    documents.set('file-00001', 'another text')
    documents.set('new', 'a new one')
    documents.delete('file-00002')
    const sync = await workshop.sync()

    expect(counts(sync, 'added', 'changed', 'deleted', 'unchanged')).toEqual([1, 1, 1, 8])
    expect(await workshop.stored()).toEqual(hashes(documents))
    expect(await workshop.notes(sync.id)).toMatchObject([
      { key: 'file-00001', action: 'changed' },
      { key: 'file-00002', action: 'deleted' },
      { key: 'new', action: 'added' },
    ])
  })

  test('what is deleted leaves no file and no blob', async () => {
    const workshop = await openSyncWorkshop(world)
    fill(workshop, 3)
    await workshop.sync()
    workshop.fake.documents.delete('file-00001')
    await workshop.sync()

    expect(await workshop.count('files')).toBe(2)
    expect(await workshop.countBlobs()).toBe(2)
  })

  test('a listing that throws deletes nothing', async () => {
    const workshop = await openSyncWorkshop(world)
    fill(workshop, 10)
    await workshop.sync()
    workshop.fake.breaksAfter = 2
    workshop.fake.failure = new AppError('permission_denied', 'The place is locked.')
    const sync = await workshop.sync()

    expect(sync).toMatchObject({
      status: 'failed',
      error: { code: 'permission_denied', message: 'The place is locked.' },
    })
    expect(await workshop.stored()).toEqual(hashes(workshop.fake.documents))
  })

  test('a failure that may pass is another attempt’s', async () => {
    const workshop = await openSyncWorkshop(world)
    workshop.fake.breaksAfter = 0
    const { id } = await workshop.start()

    await expect(workshop.run(await workshop.get(id))).rejects.toThrow('The place went away.')
    expect(await workshop.get(id)).toMatchObject({ status: 'running' })
    workshop.fake.breaksAfter = null
    await workshop.run(await workshop.get(id))
    expect(await workshop.get(id)).toMatchObject({ status: 'completed' })
  })

  test('what failed or was skipped is told with its sentence, and stays as it was', async () => {
    const workshop = await openSyncWorkshop(world)
    fill(workshop, 4)
    await workshop.sync()
    const before = await workshop.stored()
    const { documents, troubles, unreadable } = workshop.fake
    troubles.set('file-00000', 'skipped')
    troubles.set('file-00001', 'failed')
    documents.set('file-00002', 'new')
    unreadable.set('file-00002', new AppError('permission_denied', 'It is locked.'))
    documents.set('file-00003', '')
    const sync = await workshop.sync()

    expect(counts(sync, 'failed', 'skipped', 'deleted')).toEqual([2, 2, 0])
    expect(await workshop.notes(sync.id)).toMatchObject([
      { key: 'file-00000', action: 'skipped', reason: 'It is skipped.' },
      { key: 'file-00001', action: 'failed', reason: 'It is failed.' },
      { key: 'file-00002', action: 'failed', reason: 'It is locked.' },
      { key: 'file-00003', action: 'skipped', reason: 'It is empty.' },
    ])
    expect(await workshop.stored()).toEqual(before)
  })

  test('a file that is refused fails alone', async () => {
    const workshop = await openSyncWorkshop(world)
    workshop.fake.documents.set('large', 'x'.repeat(2_000))
    workshop.fake.documents.set('small', 'x')
    const sync = await workshop.sync()

    expect(counts(sync, 'added', 'failed')).toEqual([1, 1])
    expect(await workshop.count('files')).toBe(1)
    expect(await workshop.countBlobs()).toBe(1)
  })

  test('a tenant without room takes in what fits, and leaves no file behind', async () => {
    const workshop = await openSyncWorkshop(world, { caps: { ...NO_CAPS, files: 2 } })
    fill(workshop, 4)
    const sync = await workshop.sync()

    expect(counts(sync, 'added', 'failed')).toEqual([2, 2])
    expect(await workshop.count('files')).toBe(2)
  })

  test('where everything fails on end, the place is taken for away', async () => {
    const workshop = await openSyncWorkshop(world)
    fill(workshop, 40)
    const away = new AppError('provider_unavailable', 'Nobody answers.')
    for (const key of workshop.fake.documents.keys()) workshop.fake.unreadable.set(key, away)
    const { id } = await workshop.start()

    await expect(workshop.run(await workshop.get(id))).rejects.toThrow('Nobody answers.')
  })

  test('names that cannot be kept are told, and hold up nothing', async () => {
    const workshop = await openSyncWorkshop(world)
    workshop.fake.documents.set('bad\0name', 'x')
    workshop.fake.documents.set('half\uD800', 'x')
    workshop.fake.documents.set('long'.repeat(600), 'x')
    workshop.fake.documents.set('good', 'x')
    const sync = await workshop.sync()

    expect(counts(sync, 'added', 'failed')).toEqual([1, 3])
  })

  test('only what is named is looked at, and goes where it has gone', async () => {
    const workshop = await openSyncWorkshop(world)
    fill(workshop, 5)
    await workshop.sync()
    const { documents } = workshop.fake
    documents.set('file-00000', 'changed')
    documents.set('file-00003', 'changed too')
    documents.delete('file-00001')
    const sync = await workshop.sync({ keys: ['file-00000', 'file-00001', 'never'] })

    expect(counts(sync, 'changed', 'deleted', 'listed')).toEqual([1, 1, 3])
    expect((await workshop.stored())['file-00003']).toBe(sha256('text 3'))
    expect(await workshop.stored()).not.toHaveProperty('file-00001')
  })

  test('content that comes back to what it was leaves no second file', async () => {
    const workshop = await openSyncWorkshop(world)
    const { documents } = workshop.fake
    documents.set('a', 'one')
    await workshop.sync()
    documents.set('a', 'two')
    await workshop.sync()
    await workshop.database.transact(workshop.tenantId, (transaction) =>
      transaction.query(
        `update documents set status = 'failed' where tenant_id = $1 and file_id in (
           select id from files where tenant_id = $1 and sha256 = $2)`,
        [workshop.tenantId, sha256('two')],
      ),
    )
    documents.set('a', 'one')
    await workshop.sync()

    expect(await workshop.count('files', `sha256 = '${sha256('one')}'`)).toBe(1)
    expect(await workshop.sync().then((sync) => counts(sync, 'unchanged'))).toEqual([1])
  })

  test('two sources of one store do not take each other’s places', async () => {
    const workshop = await openSyncWorkshop(world)
    workshop.fake.documents.set('readme', 'one')
    await workshop.sync()
    const other = await workshop.desk.create(workshop.tenantId, wishFor(workshop.vectorStoreId))
    const { id } = await workshop.start({}, other)
    await workshop.run(await workshop.get(id))

    expect(await workshop.count('documents')).toBe(2)
  })

  test('announces that documents came or went, and nothing where none did', async () => {
    const workshop = await openSyncWorkshop(world)
    const { tenantId, vectorStoreId, signals } = workshop
    const news = () => signals.splice(0).filter(({ type }) => type === 'documents-changed')
    fill(workshop, 3)
    await workshop.sync()
    expect(news()).toEqual([{ type: 'documents-changed', tenantId, vectorStoreId }])
    await workshop.sync()
    expect(news()).toEqual([])
    workshop.fake.documents.delete('file-00000')
    await workshop.sync()
    expect(news()).not.toEqual([])
  })

  test('a source that its kind no longer allows fails, and keeps its documents', async () => {
    const workshop = await openSyncWorkshop(world)
    fill(workshop, 3)
    await workshop.sync()
    await workshop.database.transact(workshop.tenantId, (transaction) =>
      workshop.deps.sources.update(transaction, workshop.source.id, {
        settings: { place: 'closed' },
      }),
    )
    const sync = await workshop.sync()

    expect(sync).toMatchObject({ status: 'failed', error: { message: 'The place is closed.' } })
    expect(await workshop.count('documents')).toBe(3)
  })

  test('one of a source that has gone has nothing to do', async () => {
    const workshop = await openSyncWorkshop(world)
    const sync = await workshop.start()
    const { tenantId, source } = workshop
    await workshop.desk.remove({ tenantId, id: source.id, documents: 'leave' })

    expect(await workshop.run(sync)).toBe('withdrawn')
  })
})

onEveryBackend('a sync that is cut short', (world) => {
  test('is taken up where it was, and does nothing twice', async () => {
    const workshop = await openSyncWorkshop(world)
    fill(workshop, 30)
    const { id } = await workshop.start()
    const { fake } = workshop
    for (const stop of [3, 11, 29]) {
      const ending = new AbortController()
      fake.beforeEach = async (key) => {
        if (key === `file-000${String(stop).padStart(2, '0')}`) ending.abort(new Error('cut short'))
      }
      const attempt = workshop.run(await workshop.get(id), { signal: ending.signal })
      await expect(attempt).rejects.toThrow('cut short')
    }
    fake.beforeEach = async () => undefined
    await workshop.run(await workshop.get(id))
    const sync = await workshop.get(id)

    expect(counts(sync, 'added', 'unchanged', 'changed')).toEqual([30, 0, 0])
    expect(workshop.ingestJobs).toHaveLength(30)
    expect(await workshop.count('files')).toBe(30)
  })

  test('between the upload and the document leaves no file behind', async () => {
    const workshop = await openSyncWorkshop(world)
    fill(workshop, 3)
    const { id } = await workshop.start()
    const killed = new AppError('database_unavailable', 'killed')
    const { deps } = workshop
    // As kill -9 would have it: nothing is cleared away.
    const dead = {
      submission: { ...deps.submission, addToStore: () => Promise.reject(killed) },
      files: { delete: () => Promise.reject(killed) },
    }
    await expect(workshop.run(await workshop.get(id), { with: dead })).rejects.toThrow('killed')
    expect(await workshop.count('files')).toBeGreaterThan(0)
    await workshop.run(await workshop.get(id))

    expect(await workshop.count('files')).toBe(3)
    expect(await workshop.count('documents')).toBe(3)
    expect(await workshop.countBlobs()).toBe(3)
    expect(await workshop.count('source_documents', 'pending_file_id is not null')).toBe(0)
  })

  test('by a worker that lives on writes nothing behind the other’s back', async () => {
    const workshop = await openSyncWorkshop(world)
    workshop.fake.documents.set('a', 'text')
    const { id } = await workshop.start()
    const { deps } = workshop
    // The other one begins, and ends, between this one’s upload and its document.
    const slow = {
      ...deps.submission,
      addToStore: async (...call: Parameters<typeof deps.submission.addToStore>) => {
        await workshop.run(await workshop.get(id))
        return deps.submission.addToStore(...call)
      },
    }
    const first = workshop.run(await workshop.get(id), { with: { submission: slow } })
    await first.catch(() => undefined)

    expect(await workshop.count('documents')).toBe(1)
    expect(await workshop.count('files')).toBe(1)
  })
})

onEveryBackend('the guard of a sync', (world) => {
  test('holds back deletions that are too many, until a person confirms them', async () => {
    const workshop = await openSyncWorkshop(world)
    fill(workshop, 20)
    await workshop.sync()
    for (const key of [...workshop.fake.documents.keys()].slice(0, 12))
      workshop.fake.documents.delete(key)
    const held = await workshop.sync()

    expect(held).toMatchObject({ status: 'held', error: { code: 'held' } })
    expect(held.error?.message).toContain('12 of the 20')
    expect(counts(held, 'held', 'deleted')).toEqual([12, 0])
    expect(await workshop.count('documents')).toBe(20)

    const { tenantId, source, desk } = workshop
    const confirmed = await desk.confirm(tenantId, source.id, held.id)
    await workshop.run(await workshop.get(confirmed?.id ?? ''))
    const sync = await workshop.get(confirmed?.id ?? '')

    expect(sync.status).toBe('completed')
    expect(counts(sync, 'deleted', 'held')).toEqual([12, 0])
    expect(await workshop.count('documents')).toBe(8)
  })

  test('holds back more than was confirmed', async () => {
    const workshop = await openSyncWorkshop(world)
    fill(workshop, 20)
    await workshop.sync()
    for (const key of [...workshop.fake.documents.keys()].slice(0, 12))
      workshop.fake.documents.delete(key)
    const held = await workshop.sync()
    const { tenantId, source, desk } = workshop
    const confirmed = await desk.confirm(tenantId, source.id, held.id)
    workshop.fake.documents.clear()
    await workshop.run(await workshop.get(confirmed?.id ?? ''))

    expect(await workshop.get(confirmed?.id ?? '')).toMatchObject({ status: 'held' })
    expect(await workshop.count('documents')).toBe(20)
  })

  test('is not confirmed twice, nor once another sync has come', async () => {
    const workshop = await openSyncWorkshop(world)
    fill(workshop, 20)
    await workshop.sync()
    workshop.fake.documents.clear()
    const held = await workshop.sync()
    await workshop.sync()
    const { tenantId, source, desk } = workshop

    await expect(desk.confirm(tenantId, source.id, held.id)).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  test('still takes in what was added and changed', async () => {
    const workshop = await openSyncWorkshop(world)
    fill(workshop, 20)
    await workshop.sync()
    workshop.fake.documents.clear()
    workshop.fake.documents.set('new', 'new')
    const held = await workshop.sync()

    expect(counts(held, 'added', 'held')).toEqual([1, 20])
    expect(await workshop.count('documents')).toBe(21)
  })
})

onEveryBackend('a dry run', (world) => {
  test('writes nothing but its report', async () => {
    const workshop = await openSyncWorkshop(world)
    fill(workshop, 5)
    const sync = await workshop.sync({ dryRun: true })

    expect(counts(sync, 'added')).toEqual([5])
    expect(sync.bytes).toBe(5 * 'text 0'.length)
    for (const table of ['documents', 'files', 'source_documents'])
      expect(await workshop.count(table)).toBe(0)
  })

  test('says what the sync then does', { timeout: 300_000 }, async () => {
    const names = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
    const texts = fc.constantFrom('', 'one', 'two', 'three')
    const place = fc.dictionary(names, texts, { minKeys: 0, maxKeys: 8 })
    const troubles = fc.dictionary(names, fc.constantFrom('failed', 'skipped'), { maxKeys: 2 })
    const asked = fc.option(fc.uniqueArray(names, { maxLength: 4, minLength: 1 }), { nil: null })
    await fc.assert(
      fc.asyncProperty(
        fc.record({ before: place, after: place, troubles, keys: asked, tells: fc.boolean() }),
        async ({ before, after, troubles: bad, keys, tells }) => {
          const workshop = await openSyncWorkshop(world)
          const { fake } = workshop
          fake.tellsVersions = tells
          for (const [key, text] of Object.entries(before)) fake.documents.set(key, text)
          await workshop.sync()
          fake.documents.clear()
          for (const [key, text] of Object.entries(after)) fake.documents.set(key, text)
          for (const [key, trouble] of Object.entries(bad)) {
            if (fake.documents.has(key)) fake.troubles.set(key, trouble as 'failed' | 'skipped')
          }
          const stored = await workshop.stored()
          const dry = await workshop.sync({ dryRun: true, keys })
          expect(await workshop.stored()).toEqual(stored)
          const real = await workshop.sync({ keys })

          expect(dry.status).toBe(real.status)
          expect(dry.counts).toEqual(real.counts)
          expect(dry.bytes).toBe(real.bytes)
          const done = (notes: Awaited<ReturnType<typeof workshop.notes>>) =>
            notes.map(({ key, action, reason }) => ({ key, action, reason }))
          expect(done(await workshop.notes(dry.id))).toEqual(done(await workshop.notes(real.id)))
        },
      ),
      { numRuns: 25 },
    )
  })
})
