import { expect, test, vi } from 'vitest'
import type { SourceSchedule } from '../../src/core/source.ts'
import { startDueSyncs } from '../../src/ingest/sync/start-due-syncs.ts'
import { createSourceWatch } from '../../src/ingest/sync/watch-sources.ts'
import { onEveryBackend } from '../storage/backends.ts'
import { openSyncWorkshop, wishFor, type SyncWorkshop } from './sync-workshop.ts'

const soon = { timeout: 10_000, interval: 10 }
const HOURLY: SourceSchedule = { type: 'interval', everySeconds: 3_600 }
const never = new AbortController().signal

const dueDeps = ({ agenda, database, deps, startSync }: SyncWorkshop) => ({
  agenda,
  database,
  sources: deps.sources,
  startSync,
  isServed: async () => true,
})

onEveryBackend('a schedule', (world) => {
  test('starts a due sync once, however many look at once', async () => {
    const workshop = await openSyncWorkshop(world)
    const { tenantId, vectorStoreId, desk, deps, database } = workshop
    const { id } = await desk.create(tenantId, { ...wishFor(vectorStoreId), schedule: HOURLY })
    const looks = Array.from({ length: 6 }, () => startDueSyncs(dueDeps(workshop), never))
    const started = (await Promise.all(looks)).reduce((sum, each) => sum + each, 0)

    expect(started).toBe(1)
    expect(workshop.syncJobs.filter(({ sourceId }) => sourceId === id)).toHaveLength(1)
    const source = await database.transact(tenantId, (within) => deps.sources.get(within, id))
    const wait = (source?.nextSyncAt?.getTime() ?? 0) - Date.now()
    expect(wait).toBeGreaterThan(3_500_000)
    expect(await startDueSyncs(dueDeps(workshop), never)).toBe(0)
  })

  test('does not start what is paused, nor what has no schedule, nor what nobody serves', async () => {
    const workshop = await openSyncWorkshop(world)
    const { tenantId, vectorStoreId, desk } = workshop
    const wish = { ...wishFor(vectorStoreId), schedule: HOURLY }
    const paused = await desk.create(tenantId, { ...wish, isPaused: true })
    expect(await startDueSyncs(dueDeps(workshop), never)).toBe(0)

    await desk.setPaused(tenantId, paused.id, false)
    const unserved = { ...dueDeps(workshop), isServed: async () => false }
    expect(await startDueSyncs(unserved, never)).toBe(0)
    expect(workshop.syncJobs).toEqual([])
    await desk.setPaused(tenantId, paused.id, true)
  })

  test('is found by another process where one died over it', async () => {
    const workshop = await openSyncWorkshop(world)
    const { tenantId, vectorStoreId, desk, agenda } = workshop
    const { id } = await desk.create(tenantId, { ...wishFor(vectorStoreId), schedule: HOURLY })
    // It took what was due, and was killed.
    await agenda.takeDue(100, 0)

    expect(await startDueSyncs(dueDeps(workshop), never)).toBe(1)
    expect(workshop.syncJobs.at(-1)?.sourceId).toBe(id)
  })

  test('one that waits for its turn takes further wishes along', async () => {
    const workshop = await openSyncWorkshop(world)
    const first = await workshop.start({ keys: ['a'] })
    const second = await workshop.start({ keys: ['b'] })
    expect(second).toMatchObject({ id: first.id, keys: ['a', 'b'] })
    expect(await workshop.start()).toMatchObject({ id: first.id, keys: null })
    expect(await workshop.start({ keys: ['c'] })).toMatchObject({ id: first.id, keys: null })
    expect(workshop.syncJobs).toHaveLength(1)

    const dry = await workshop.start({ dryRun: true })
    expect(dry.id).not.toBe(first.id)
  })

  test('one that runs takes nothing along any longer', async () => {
    const workshop = await openSyncWorkshop(world)
    workshop.fake.documents.set('a', 'text')
    const first = await workshop.start()
    let second = ''
    workshop.fake.beforeEach = async () => {
      second = (await workshop.start()).id
    }
    await workshop.run(first)

    expect(second).not.toBe(first.id)
    expect(await workshop.get(second)).toMatchObject({ status: 'queued' })
  })
})

onEveryBackend('watching', (world) => {
  const watchOf = (workshop: SyncWorkshop, worker: string) =>
    createSourceWatch({
      ...workshop.deps,
      agenda: {
        ...workshop.agenda,
        // Others of the same database may have sources, too.
        takeWatches: async (...call) =>
          (await workshop.agenda.takeWatches(...call)).filter(
            ({ tenantId }) => tenantId === workshop.tenantId,
          ),
      },
      startSync: workshop.startSync,
      worker,
      onError: (error) => workshop.errors.push(error),
    })

  test('is done by one process at a time, and by another once it has stopped', async () => {
    const workshop = await openSyncWorkshop(world)
    const [one, other] = [watchOf(workshop, 'one'), watchOf(workshop, 'other')]
    await one.look()
    await other.look()
    await vi.waitFor(() => expect(workshop.fake.listeners()).toBe(1), soon)
    await one.stop()
    expect(workshop.fake.listeners()).toBe(0)
    await other.look()
    await vi.waitFor(() => expect(workshop.fake.listeners()).toBe(1), soon)
    await other.stop()
  })

  test('a notice is a sync of its keys before it is acknowledged', async () => {
    const workshop = await openSyncWorkshop(world)
    const watch = watchOf(workshop, 'one')
    await watch.look()
    await workshop.fake.tell(['a', 'b'])

    expect(workshop.syncJobs).toHaveLength(1)
    const sync = await workshop.get(workshop.syncJobs[0]?.syncId ?? '')
    expect(sync).toMatchObject({ trigger: 'change', keys: ['a', 'b'], status: 'queued' })
    await watch.stop()
  })

  test('ends where the source is paused, and begins anew where it was changed', async () => {
    const workshop = await openSyncWorkshop(world)
    const { tenantId, source, desk, fake } = workshop
    const watch = watchOf(workshop, 'one')
    await watch.look()
    await vi.waitFor(() => expect(fake.listeners()).toBe(1), soon)
    await desk.setPaused(tenantId, source.id, true)
    await watch.look()
    await vi.waitFor(() => expect(fake.listeners()).toBe(0), soon)
    await desk.setPaused(tenantId, source.id, false)
    await desk.update(tenantId, source.id, { settings: { place: 'elsewhere' } })
    await watch.look()
    await vi.waitFor(() => expect(fake.listeners()).toBe(1), soon)

    expect(fake.opened.at(-1)).toMatchObject({ settings: { place: 'elsewhere' } })
    await watch.stop()
  })
})

onEveryBackend('a source', (world) => {
  test('is opened with its credentials, which nothing gives back', async () => {
    const workshop = await openSyncWorkshop(world)
    const { tenantId, vectorStoreId, desk, fake } = workshop
    const credentials = { password: 'correct horse' }
    const made = await desk.create(tenantId, { ...wishFor(vectorStoreId), credentials })
    fake.opened.length = 0
    const sync = await workshop.start({}, made)
    await workshop.run(sync)

    expect(fake.opened).toEqual([{ settings: {}, credentials }])
    expect(JSON.stringify(made)).not.toContain('horse')
    expect(made.hasCredentials).toBe(true)
  })

  test('keeps its credentials where only its settings change', async () => {
    const workshop = await openSyncWorkshop(world)
    const { tenantId, vectorStoreId, desk, fake } = workshop
    const credentials = { password: 'correct horse' }
    const made = await desk.create(tenantId, { ...wishFor(vectorStoreId), credentials })
    await desk.update(tenantId, made.id, { settings: { place: 'elsewhere' } })
    await workshop.run(await workshop.start({}, made))

    expect(fake.opened.at(-1)).toEqual({ settings: { place: 'elsewhere' }, credentials })
  })

  test('that its kind refuses is not made', async () => {
    const workshop = await openSyncWorkshop(world)
    const wish = { ...wishFor(workshop.vectorStoreId), settings: { place: 'closed' } }

    await expect(workshop.desk.create(workshop.tenantId, wish)).rejects.toMatchObject({
      code: 'input_rejected',
      message: 'The place is closed.',
    })
  })

  test('that is removed leaves its documents, or takes them along', async () => {
    for (const documents of ['leave', 'remove'] as const) {
      const workshop = await openSyncWorkshop(world)
      for (let index = 0; index < 250; index += 1)
        workshop.fake.documents.set(`file-${index}`, `text ${index}`)
      await workshop.sync()
      const { tenantId, source, desk } = workshop
      expect(await desk.remove({ tenantId, id: source.id, documents })).toBe(true)

      const left = documents === 'leave' ? 250 : 0
      expect(await workshop.count('documents')).toBe(left)
      expect(await workshop.count('files')).toBe(left)
      expect(await workshop.countBlobs()).toBe(left)
      for (const table of ['sources', 'source_documents', 'source_syncs', 'source_sync_documents'])
        expect(await workshop.count(table)).toBe(0)
      expect(await desk.remove({ tenantId, id: source.id, documents })).toBe(false)
    }
  })

  test('goes with its vector store', async () => {
    const workshop = await openSyncWorkshop(world)
    workshop.fake.documents.set('a', 'text')
    await workshop.sync()
    await workshop.database.transact(workshop.tenantId, (transaction) =>
      transaction.query('delete from vector_stores where tenant_id = $1', [workshop.tenantId]),
    )

    expect(await workshop.count('sources')).toBe(0)
    expect(await workshop.count('source_documents')).toBe(0)
  })

  test('keeps the newest reports alone', async () => {
    const workshop = await openSyncWorkshop(world)
    for (let index = 0; index < 103; index += 1) await workshop.sync()

    expect(await workshop.count('source_syncs')).toBe(100)
  })
})
